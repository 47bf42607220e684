import type { Cluster, Member } from '../../../cluster/cluster-types.js';
import { run, runOk } from '../../../../support/run.js';
import { systemTool } from '../../../../support/tools.js';
import { FaultUnsupported } from '../../types.js';
import { deviceUnder, hostOf, limitedGroup, limitFiles, type WriteLimit } from './io-limit.js';

/** The storage under a member's disk, as a cloud or a disk array provides it. */
export interface Volume {
  /** What it can do from now on; requests that wait go on at the new pace. */
  readonly limit: (limit: WriteLimit) => void;
  /** A process that uses the same volume. */
  readonly enter: (pid: number) => void;
  readonly remove: () => Promise<void>;
}

/**
 * Make the storage under a member's disk slower than it is. Requests wait below the block device that the host sees, so that its
 * counters show them in flight and busy, as with a slow disk; the limit itself is out of the host's sight, as that of a provider is.
 */
export async function openVolume(cluster: Cluster, member: Member, what: string): Promise<Volume> {
  const host = hostOf(member);
  const below = deviceUnder(cluster.lab.dir);
  if (below === undefined) throw new FaultUnsupported(what, 'the temporary directory is not on a block device');
  const losetup = (await systemTool('losetup', 'mount')) ?? 'losetup';
  // Through the page cache most writes reach the disk by a kernel thread that no limit of ours holds.
  const direct = await run(losetup, ['--direct-io=on', `/dev/${host.device}`]);
  if (direct.code !== 0)
    throw new FaultUnsupported(what, `no direct I/O under ${host.device}: ${direct.stderr.trim()}`);
  const { group, limit } = limitedGroup(cluster, member, below, what);
  const files = limitFiles(group.version).map((file) => `${group.dir}/${file}`);
  const onHost = async (script: string): Promise<void> => {
    const [command = '', ...args] = host.inside(['sh', '-c', script, cluster.lab.dir, ...files]);
    await runOk(command, args);
  };
  await onHost('for f; do mount --bind /dev/null "$f" || exit 1; done');
  return {
    limit,
    enter: group.enter,
    remove: async () => {
      limit({});
      if (cluster.lab.ended) return;
      await onHost('for f; do umount "$f"; done');
      await group.remove();
      await run(losetup, ['--direct-io=off', `/dev/${host.device}`]);
    },
  };
}
