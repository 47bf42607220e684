import type { OwnCgroup } from './cgroup.js';

const MIB = 1024 * 1024;

/** Bytes in a memory cgroup that only the death of a process gives back (no swap): heap and stacks. */
export const anonymousBytes = (group: OwnCgroup): number =>
  Number(new RegExp(`^${group.version === 1 ? 'rss' : 'anon'} (\\d+)$`, 'm').exec(group.read('memory.stat'))?.[1] ?? 0);

/** Bytes charged to a memory cgroup, page cache and all. */
export const chargedBytes = (group: OwnCgroup): number =>
  Number(group.read(group.version === 1 ? 'memory.usage_in_bytes' : 'memory.current'));

/** The limit in MiB, or none. What is above it is reclaimed before this returns, where it can be. */
export const limitMemory = (group: OwnCgroup, mb: number | undefined): void => {
  const none = group.version === 1 ? '-1' : 'max';
  group.write(
    group.version === 1 ? 'memory.limit_in_bytes' : 'memory.max',
    mb === undefined ? none : Math.round(mb * MIB),
  );
};

/** How often the kernel killed something in it. */
export const killsIn = (group: OwnCgroup): number => {
  const file = group.version === 1 ? 'memory.oom_control' : 'memory.events';
  return Number(/^oom_kill (\d+)$/m.exec(group.read(file))?.[1] ?? 0);
};
