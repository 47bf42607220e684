import type { Cluster } from '../cluster/cluster-types.js';
import { makeCgroup } from './resources/cgroup.js';
import { type Fault, FaultUnsupported, fault } from './types.js';

/** SIGSTOP: the member's kernel side accepts connections, nobody answers. */
export async function pause(cluster: Cluster, index: number): Promise<Fault> {
  const member = cluster.member(index);
  await member.stop('SIGSTOP');
  return fault(() => member.stop('SIGCONT'));
}

/** SIGKILL one member; undo starts it again with the same flags. */
export async function kill(cluster: Cluster, index: number): Promise<Fault> {
  const member = cluster.member(index);
  await member.stop('SIGKILL');
  return fault(async () => {
    if (!member.running) await member.start();
  });
}

/** SIGKILL all members (or those of the given indexes) at once. */
export async function killAll(
  cluster: Cluster,
  indexes = cluster.members.map((member) => member.index),
): Promise<Fault> {
  const faults = await Promise.all(indexes.map((index) => kill(cluster, index)));
  return fault(async () => {
    await Promise.all(faults.map((each) => each.undo()));
  });
}

const PERIOD_US = 100_000;

/**
 * Allow the member `pct` percent of one core (1 and up) by the CFS quota of a cgroup of its own, v1 or v2. Needs a writable cgroup
 * tree. etcd then reports slow disks that are none. The v2 path needs the cpu controller to be delegated.
 */
export async function cpuStarve(cluster: Cluster, index: number, options: { pct: number }): Promise<Fault> {
  const member = cluster.member(index);
  const quota = Math.max(1000, Math.round((options.pct / 100) * PERIOD_US));
  const own = makeCgroup(cluster, member, 'cpu', 'cpuStarve');
  try {
    if (own.version === 1) {
      own.write('cpu.cfs_period_us', PERIOD_US);
      own.write('cpu.cfs_quota_us', quota);
    } else {
      own.write('cpu.max', `${quota} ${PERIOD_US}`);
    }
    own.enter(member.pid);
  } catch (error) {
    await own.remove();
    throw new FaultUnsupported('cpuStarve', error instanceof Error ? error.message : String(error));
  }
  return fault(own.remove);
}
