import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemTool } from '../../../support/tools.js';
import type { Cluster } from '../../cluster/cluster-types.js';
import { startProgram } from '../../cluster/member-process.js';
import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { type Fault, FaultUnsupported, fault } from '../types.js';
import { slowStorageConsequences } from './support/truths.js';

/**
 * Attach strace to a running member with `inject` as its tampering. Undo lets go of it. Needs strace and the right to trace
 * (root, or ptrace_scope 0). A member on a host of its own is traced from outside, so that its host does not see the tracer.
 */
export async function injectSyncs(cluster: Cluster, index: number, inject: string, what: string): Promise<Fault> {
  const strace = await systemTool('strace');
  if (strace === undefined) throw new FaultUnsupported(what, 'strace is not installed');
  const { pid, name } = cluster.member(index);
  const calls = 'fdatasync,fsync';
  const traceLog = join(cluster.lab.dir, `${name}-strace.log`);
  const before = (await readFile(traceLog, 'utf8').catch(() => '')).length;
  // The output file lies in the lab, which is how the lab knows the process as its own.
  const output = ['-o', join(cluster.lab.dir, `${name}-strace.out`)];
  const tampering = ['-e', `trace=${calls}`, '-e', `inject=${calls}:${inject}`];
  const tracer = startProgram(cluster.lab, [strace, '-f', '-p', String(pid), ...tampering, ...output], {
    logFile: traceLog,
  });
  const deadline = Date.now() + 10_000;
  for (;;) {
    const said = (await readFile(traceLog, 'utf8')).slice(before);
    if (/Process \d+ attached/.test(said)) break;
    if (!tracer.running() || Date.now() > deadline) {
      throw new FaultUnsupported(what, `strace cannot attach: ${said.trim().slice(-200)}`);
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

/** Delay every fsync and fdatasync of a running member by `ms`, at its exit. A backend commit takes two of them. */
export function slowFsync(cluster: Cluster, index: number, options: { ms: number }): Promise<Fault> {
  return injectSyncs(cluster, index, `delay_exit=${Math.round(options.ms * 1000)}`, 'slowFsync');
}

export default defineFault({
  name: 'slow-fsync',
  title: 'every sync of the member takes longer, above the block layer: the device looks idle',
  params: { ms: { default: 120, about: 'milliseconds that every fsync and fdatasync takes longer', strength: true } },
  on: 'member',
  truth: {
    causes: ['disk-slow-device'],
    verdict: ['investigate'],
    also: slowStorageConsequences,
  },
  apply: (cluster, members, { ms }) => onEach(members, (member) => slowFsync(cluster, member.index, { ms })),
});
