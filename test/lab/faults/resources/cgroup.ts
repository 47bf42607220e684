import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { FaultUnsupported } from '../types.js';

/** A cgroup with one controller, made for one member. */
export interface OwnCgroup {
  readonly dir: string;
  readonly version: 1 | 2;
  readonly write: (file: string, value: string | number) => void;
  readonly read: (file: string) => string;
  /** Move a process with all its threads in. */
  readonly enter: (pid: number) => void;
  /** Everybody inside goes back to where the member came from, and the cgroup is removed. Idempotent. */
  readonly remove: () => Promise<void>;
}

/** By their names of version 1; version 2 calls them otherwise, and limits by one file each. */
export type Controller = 'cpu' | 'memory' | 'blkio';
const SECOND = {
  cpu: { name: 'cpu', file: 'cpu.max' },
  memory: { name: 'memory', file: 'memory.max' },
  blkio: { name: 'io', file: 'io.max' },
} as const;

/** Make a cgroup for a member, which stays outside until `enter`. Throws `FaultUnsupported` without a writable tree. */
export function makeCgroup(cluster: Cluster, member: Member, controller: Controller, what: string): OwnCgroup {
  const name = `${cluster.lab.dir.split('/').pop()}-${member.name}-${controller}`;
  const { version, root, home } = hierarchyOf(member.pid, controller, what);
  // Below the root and not below the caller's own: that one may be gone before this, or not be allowed to have children.
  const dir = join(root, name);
  try {
    mkdirSync(dir);
  } catch (error) {
    throw new FaultUnsupported(what, error instanceof Error ? error.message : String(error));
  }
  // Those killed just before are still on their way out.
  cluster.lab.onEnd(
    `for n in 1 2 3 4 5 6 7 8 9 10; do rmdir '${dir}' && break; [ -d '${dir}' ] || break; sleep 0.2; done`,
  );
  const write = (file: string, value: string | number): void => writeFileSync(join(dir, file), String(value));
  const remove = async (): Promise<void> => {
    for (let attempt = 0; attempt < 40 && existsSync(dir); attempt += 1) {
      for (const pid of readFileSync(join(dir, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)) {
        try {
          writeFileSync(join(home, 'cgroup.procs'), pid);
        } catch {
          // it ended meanwhile
        }
      }
      try {
        rmdirSync(dir);
      } catch {
        await sleep(50);
      }
    }
  };
  try {
    if (version === 2 && !existsSync(join(dir, SECOND[controller].file)))
      writeFileSync(join(root, 'cgroup.subtree_control'), `+${SECOND[controller].name}`);
  } catch (error) {
    rmdirSync(dir);
    throw new FaultUnsupported(what, error instanceof Error ? error.message : String(error));
  }
  return {
    dir,
    version,
    write,
    read: (file) => readFileSync(join(dir, file), 'utf8'),
    enter: (pid) => write('cgroup.procs', pid),
    remove,
  };
}

/** Root of the hierarchy that has the controller, and the directory in it that a process is in now. */
function hierarchyOf(
  pid: number,
  controller: string,
  what: string,
): { readonly version: 1 | 2; readonly root: string; readonly home: string } {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(':'));
  const has = (list: string | undefined): boolean => list?.split(',').includes(controller) === true;
  const v1 = mounts.find((mount) => mount[2] === 'cgroup' && has(mount[3]))?.[1];
  const root = v1 ?? mounts.find((mount) => mount[2] === 'cgroup2')?.[1];
  if (root === undefined) throw new FaultUnsupported(what, `no cgroup with a ${controller} controller is mounted`);
  const path = lines.find((line) => (v1 === undefined ? line[0] === '0' : has(line[1])))?.[2] ?? '/';
  const home = join(root, path);
  return { version: v1 === undefined ? 2 : 1, root, home: existsSync(home) ? home : root };
}
