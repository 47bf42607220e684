import { setTimeout as sleep } from 'node:timers/promises';
import type { EtcdClient } from '../../support/etcd-client.js';
import type { Cluster } from '../cluster/cluster-types.js';
import { type Fault, FaultUnsupported, fault } from './types.js';

export { diverge } from './integrity/diverge.js';
export { slowFsync } from './storage/slow-fsync.js';

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
