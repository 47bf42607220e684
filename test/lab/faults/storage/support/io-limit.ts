import { readFileSync, statSync } from 'node:fs';
import type { Cluster, Member } from '../../../cluster/cluster-types.js';
import type { Host } from '../../../cluster/hosts.js';
import { makeCgroup, type OwnCgroup } from '../../resources/cgroup.js';

/** Left out: unlimited. */
export type WriteLimit = { readonly iops?: number; readonly bytesPerSecond?: number };

export interface LimitedGroup {
  readonly group: OwnCgroup;
  readonly limit: (limit: WriteLimit) => void;
}

/** Files of version 1 and 2 that hold limits on I/O. */
export const limitFiles = (version: 1 | 2): readonly string[] =>
  version === 1
    ? ['read_bps', 'write_bps', 'read_iops', 'write_iops'].map((what) => `blkio.throttle.${what}_device`)
    : ['io.max'];

/**
 * A control group for a member, with the member in it, that limits writes to one device (`254:0`). The limit is lifted before
 * anything else is undone at the end of the lab: who waits for a throttled request cannot be killed.
 */
export function limitedGroup(cluster: Cluster, member: Member, device: string, what: string): LimitedGroup {
  const group = makeCgroup(cluster, member, 'blkio', what);
  const lines = ({ iops, bytesPerSecond }: WriteLimit): readonly (readonly [string, string])[] =>
    group.version === 1
      ? [
          ['blkio.throttle.write_iops_device', `${device} ${Math.round(iops ?? 0)}`],
          ['blkio.throttle.write_bps_device', `${device} ${Math.round(bytesPerSecond ?? 0)}`],
        ]
      : [
          [
            'io.max',
            `${device} wiops=${Math.round(iops ?? 0) || 'max'} wbps=${Math.round(bytesPerSecond ?? 0) || 'max'}`,
          ],
        ];
  for (const [file, line] of lines({})) cluster.lab.onEnd(`echo '${line}' > '${group.dir}/${file}'`);
  group.enter(member.pid);
  return {
    group,
    limit: (limit) => {
      for (const [file, line] of lines(limit)) group.write(file, `${line}\n`);
    },
  };
}

/** `7:3` of `loop3`. */
export const numberOf = (device: string): string => readFileSync(`/sys/block/${device}/dev`, 'utf8').trim();

/** The block device that a directory's file system lies on; undefined for one without (tmpfs, overlay). */
export function deviceUnder(path: string): string | undefined {
  const { dev } = statSync(path);
  const number = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
  try {
    const block = `/sys/dev/block/${number}`;
    // Limits are set on whole disks.
    const partition = statSync(`${block}/partition`, { throwIfNoEntry: false }) !== undefined;
    return readFileSync(partition ? `${block}/../dev` : `${block}/dev`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

export const hostOf = (member: Member): Host => {
  if (member.host === undefined) throw new Error(`${member.name} has no host of its own; start the cluster with hosts`);
  return member.host;
};
