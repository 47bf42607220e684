import { existsSync, rmSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runOk } from '../../../support/run.js';
import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { withClient } from '../quota/space.js';
import { type Fault, fault } from '../types.js';
import { hostOf } from './support/io-limit.js';
import { deadFromOutside, deadMemberConsequences } from './support/truths.js';

/** Large: the file of bbolt grows in steps of 16 MiB, the WAL has 64 MiB in reserve. */
const VALUE_BYTES = 64 * 1024;
const PREFIX = 'disk-full/';

/** Reserve all but `leaveMb` of the disk for a file, then write until the member cannot go on. */
async function fill(cluster: Cluster, member: Member, leaveMb: number): Promise<Fault> {
  const { disk } = hostOf(member);
  const ballast = join(disk, 'ballast');
  const { bavail, bsize } = await statfs(disk);
  const bytes = bavail * bsize - leaveMb * 1024 * 1024;
  if (bytes > 0) await runOk('fallocate', ['-l', String(bytes), ballast]);
  const value = Buffer.alloc(VALUE_BYTES, 'f');
  let written = 0;
  const deadline = Date.now() + 60_000;
  await withClient(cluster, async (client) => {
    while (member.running) {
      if (Date.now() > deadline) throw new Error(`${member.name} still runs after ${written} writes to a full disk`);
      // The member itself may be the one that is asked.
      const put = client.call('Put', { key: Buffer.from(`${PREFIX}${written}`), value });
      await put.then(
        () => {
          written += 1;
        },
        () => sleep(100),
      );
    }
  });
  return fault(async () => {
    if (existsSync(ballast)) rmSync(ballast);
    if (!member.running) await member.start();
  });
}

export default defineFault({
  name: 'disk-full',
  title: 'the disk of the member is full of something else, and etcd has ended',
  params: { leaveMb: { default: 4, about: 'MiB left before etcd writes on' } },
  on: 'member',
  cluster: { hosts: true },
  truth: {
    causes: ['disk-full-enospc'],
    // One of three voters is gone, no spare is left.
    verdict: ['intervene-now'],
    also: deadMemberConsequences,
    fromOneNode: deadFromOutside,
  },
  apply: (cluster, members, { leaveMb }) => onEach(members, (member) => fill(cluster, member, leaveMb)),
});
