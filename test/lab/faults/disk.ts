import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster-types.js';
import type { EtcdClient } from '../../support/etcd-client.js';
import { startProgram } from '../cluster/member-process.js';
import { systemTool } from '../../support/tools.js';
import { type Fault, FaultUnsupported, fault } from './types.js';

/**
 * Delay every fsync and fdatasync of a running member by `ms`: strace attaches and holds the call at its exit. A backend
 * commit takes two of them. Needs strace and the right to trace (root, or ptrace_scope 0).
 */
export async function slowFsync(cluster: Cluster, index: number, options: { ms: number }): Promise<Fault> {
  const strace = await systemTool('strace');
  if (strace === undefined) throw new FaultUnsupported('slowFsync', 'strace is not installed');
  const { pid, name } = cluster.member(index);
  const calls = 'fdatasync,fsync';
  const traceLog = join(cluster.lab.dir, `${name}-strace.log`);
  const before = (await readFile(traceLog, 'utf8').catch(() => '')).length;
  const delay = Math.round(options.ms * 1000);
  const inject = ['-e', `trace=${calls}`, '-e', `inject=${calls}:delay_exit=${delay}`];
  // The output file lies in the lab, which is how the lab knows the process as its own.
  const output = ['-o', join(cluster.lab.dir, `${name}-strace.out`)];
  const tracer = startProgram(cluster.lab, [strace, '-f', '-p', String(pid), ...inject, ...output], {
    logFile: traceLog,
  });
  const deadline = Date.now() + 10_000;
  for (;;) {
    const said = (await readFile(traceLog, 'utf8')).slice(before);
    if (/Process \d+ attached/.test(said)) break;
    if (!tracer.running() || Date.now() > deadline) {
      throw new FaultUnsupported('slowFsync', `strace cannot attach: ${said.trim().slice(-200)}`);
    }
    await sleep(50);
  }
  return fault(async () => {
    if (!tracer.running()) return;
    // On SIGTERM strace lets go of the threads before it ends.
    process.kill(tracer.pid, 'SIGTERM');
    const timer = setTimeout(() => tracer.running() && process.kill(tracer.pid, 'SIGKILL'), 10_000);
    await tracer.exited;
    clearTimeout(timer);
  });
}

const FILL_PREFIX = 'fill/';
const FILL_END = 'fill0';
const FILL_VALUE_BYTES = 64 * 1024;

/**
 * Write until etcd refuses with "database space exceeded" and raises NOSPACE. Start the cluster with a small
 * `--quota-backend-bytes` (16 MiB is good). Undo: delete, compact, defragment every running member, disarm.
 */
export async function nospace(cluster: Cluster, options: { maxBytes?: number } = {}): Promise<Fault> {
  const maxBytes = options.maxBytes ?? 256 * 1024 * 1024;
  const client = await runningClient(cluster);
  try {
    const refused = await fill(client, maxBytes, (error) => error.message.includes('space exceeded'));
    if (!refused)
      throw new FaultUnsupported('nospace', `no refusal after ${maxBytes} bytes; set --quota-backend-bytes lower`);
  } finally {
    client.close();
  }
  return fault(() => reclaim(cluster));
}

/** Write `mb` MiB, delete and compact them: a large file with little in use. Undo: defragment every running member. */
export async function fragment(cluster: Cluster, options: { mb: number }): Promise<Fault> {
  const client = await runningClient(cluster);
  try {
    await fill(client, options.mb * 1024 * 1024, () => false);
    await dropFill(client);
    // The compaction works in batches behind the reply even with `physical`; pages are free after the next commits.
    await sleep(500);
  } finally {
    client.close();
  }
  return fault(() => defragmentAll(cluster));
}

/**
 * Stop a member, change one value inside its database file, start it again: it serves data that differ from the others',
 * nothing is logged, only HashKV tells. The altered key stays; undo does not exist short of replacing the member, so it does nothing.
 */
export async function diverge(cluster: Cluster, index: number): Promise<Fault & { key: string }> {
  const member = cluster.member(index);
  const key = `diverge/${Date.now()}`;
  const marker = `value-${process.pid}-${Date.now()}-${Math.random().toString(36).slice(2)}`;
  const client = await runningClient(cluster);
  try {
    await client.call('Put', { key: Buffer.from(key), value: Buffer.from(marker) });
  } finally {
    client.close();
  }
  // A backend commits every 100 ms at the latest; the member has to have applied the put, too.
  await sleep(500);
  await member.stop('SIGTERM');
  const changed = await alterBytes(join(member.dataDir, 'member', 'snap', 'db'), marker);
  await member.start();
  if (changed === 0) throw new Error(`the value was not found in the database of ${member.name}`);
  await cluster.waitHealthy();
  return { key, undo: () => Promise.resolve() };
}

/** Flip the lowest bit of the last byte of each occurrence; bbolt keeps no checksum over data pages. Returns how many. */
async function alterBytes(path: string, marker: string): Promise<number> {
  const data = await readFile(path);
  const handle = await open(path, 'r+');
  let changed = 0;
  try {
    for (let at = data.indexOf(marker); at >= 0; at = data.indexOf(marker, at + 1)) {
      const last = at + marker.length - 1;
      await handle.write(Buffer.from([(data[last] ?? 0) ^ 1]), 0, 1, last);
      changed += 1;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return changed;
}

async function fill(client: EtcdClient, bytes: number, isEnd: (error: Error) => boolean): Promise<boolean> {
  const value = Buffer.alloc(FILL_VALUE_BYTES, 'x');
  for (let at = 0; at * FILL_VALUE_BYTES < bytes; at += 1) {
    try {
      await client.call('Put', { key: Buffer.from(`${FILL_PREFIX}${String(at).padStart(8, '0')}`), value }, 15_000);
    } catch (error) {
      if (error instanceof Error && isEnd(error)) return true;
      throw error;
    }
  }
  return false;
}

async function dropFill(client: EtcdClient): Promise<void> {
  const range = { key: Buffer.from(FILL_PREFIX), rangeEnd: Buffer.from(FILL_END) };
  const reply = await client.call('DeleteRange', range, 15_000);
  const { revision } = reply.header as { revision: string };
  await client.call('Compact', { revision, physical: true }, 30_000);
}

async function defragmentAll(cluster: Cluster): Promise<void> {
  for (const member of cluster.members.filter((each) => each.running)) {
    const client = await member.client();
    try {
      await client.call('Defragment', {}, 60_000);
    } finally {
      client.close();
    }
  }
}

async function reclaim(cluster: Cluster): Promise<void> {
  const client = await runningClient(cluster);
  try {
    await dropFill(client);
    await sleep(300);
    await defragmentAll(cluster);
    const { alarms } = await client.call('Alarm', { action: 'GET', alarm: 'NONE' });
    for (const alarm of Array.isArray(alarms) ? (alarms as { memberId: string; alarm: string }[]) : []) {
      await client.call('Alarm', { action: 'DEACTIVATE', memberId: alarm.memberId, alarm: alarm.alarm });
    }
  } finally {
    client.close();
  }
}

function runningClient(cluster: Cluster): Promise<EtcdClient> {
  const member = cluster.members.find((each) => each.running);
  if (member === undefined) throw new Error('no member is running');
  return member.client();
}
