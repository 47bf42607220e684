import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster-types.js';
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
  const name = `${cluster.lab.dir.split('/').pop()}-${member.name}`;
  const home = cgroupOf(member.pid);
  const own = join(home.dir, name);
  try {
    mkdirSync(own);
    cluster.lab.onEnd(`rmdir '${own}'`);
    if (home.version === 1) {
      writeFileSync(join(own, 'cpu.cfs_period_us'), String(PERIOD_US));
      writeFileSync(join(own, 'cpu.cfs_quota_us'), String(quota));
    } else {
      if (!existsSync(join(own, 'cpu.max'))) writeFileSync(join(home.dir, 'cgroup.subtree_control'), '+cpu');
      writeFileSync(join(own, 'cpu.max'), `${quota} ${PERIOD_US}`);
    }
    writeFileSync(join(own, 'cgroup.procs'), String(member.pid));
  } catch (error) {
    removeCgroup(own);
    throw new FaultUnsupported('cpuStarve', error instanceof Error ? error.message : String(error));
  }
  const pid = member.pid;
  return fault(async () => {
    if (member.running && member.pid === pid) writeFileSync(join(home.dir, 'cgroup.procs'), String(pid));
    for (let attempt = 0; attempt < 20 && existsSync(own); attempt += 1) {
      removeCgroup(own);
      await sleep(50);
    }
  });
}

function removeCgroup(dir: string): void {
  try {
    rmdirSync(dir);
  } catch {
    // not empty yet, or never made
  }
}

/** Directory of the cgroup that limits the CPU of a process. */
function cgroupOf(pid: number): { version: 1 | 2; dir: string } {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(':'));
  const v1 = mounts.find((mount) => mount[2] === 'cgroup' && mount[3]?.split(',').includes('cpu') === true)?.[1];
  const v1Path = lines.find((line) => line[1]?.split(',').includes('cpu') === true)?.[2];
  if (v1 !== undefined && v1Path !== undefined) return { version: 1, dir: join(v1, v1Path) };
  const v2 = mounts.find((mount) => mount[2] === 'cgroup2')?.[1];
  const v2Path = lines.find((line) => line[0] === '0')?.[2];
  if (v2 !== undefined && v2Path !== undefined) return { version: 2, dir: join(v2, v2Path) };
  throw new FaultUnsupported('cpuStarve', 'no cgroup with a cpu controller is mounted');
}
