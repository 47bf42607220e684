import { existsSync, writeFileSync } from 'node:fs';
import { runOk } from '../../../support/run.js';
import type { Cluster, Member } from '../../cluster/cluster-types.js';
import type { Host } from '../../cluster/hosts.js';
import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { until } from '../lifecycle/membership.js';
import { withClient } from '../quota/space.js';
import { type Fault, FaultUnsupported, fault } from '../types.js';
import { hostOf } from './support/io-limit.js';
import { deadFromOutside, deadMemberConsequences } from './support/truths.js';

/** Have ext4 find an error: it logs it, aborts its journal and refuses every write from then on. */
async function breakFilesystem(cluster: Cluster, member: Member): Promise<Fault> {
  const host = hostOf(member);
  const { disk, device } = host;
  const trigger = `/sys/fs/ext4/${device}/trigger_fs_error`;
  if (!existsSync(trigger)) throw new FaultUnsupported('filesystem-readonly', `this kernel has no ${trigger}`);
  await runOk('mount', ['-o', 'remount,errors=remount-ro', disk]);
  writeFileSync(trigger, 'bad block bitmap checksum');
  // Without a write etcd does not notice.
  await withClient(cluster, (client) =>
    // The member itself may be the one that is asked.
    client.call('Put', { key: Buffer.from('read-only'), value: Buffer.from('x') }).catch(() => undefined),
  );
  await until(15_000, `${member.name} has ended`, async () => !member.running);
  return fault(async () => {
    await repair(host);
    await member.start();
  });
}

/**
 * What an operator does: unmount, check, mount. Hosts that were made after the disk, those of other labs too, hold a mount of it
 * without knowing, because a mount namespace begins as a copy.
 */
async function repair({ disk, device, inside }: Host): Promise<void> {
  const script = [
    // An open device outlives the moment without any mount.
    `exec 3< /dev/${device}`,
    `for p in /proc/[0-9]*; do grep -qs ' ${disk} ' $p/mountinfo || continue; nsenter --mount=$p/ns/mnt umount ${disk}; done`,
    // 1: errors were corrected.
    `e2fsck -fy /dev/${device} >&2 || [ $? -le 1 ]`,
    `mount /dev/${device} ${disk}`,
    inside(['mount', `/dev/${device}`, disk]).join(' '),
  ].join('\n');
  await runOk('sh', ['-e', '-c', script]);
}

export default defineFault({
  name: 'filesystem-readonly',
  title: 'the file system under the member has found an error and takes no writes any more; etcd has ended',
  params: {},
  on: 'member',
  cluster: { hosts: true, ownLoops: true },
  truth: {
    causes: ['filesystem-readonly-or-eio'],
    // One of three voters is gone, no spare is left.
    verdict: ['intervene-now'],
    also: deadMemberConsequences,
    fromOneNode: deadFromOutside,
  },
  apply: (cluster, members) => onEach(members, (member) => breakFilesystem(cluster, member)),
});
