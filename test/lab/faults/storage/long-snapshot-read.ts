import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { withClient } from '../quota/space.js';
import { type Fault, fault } from '../types.js';
import { writeMany } from '../write-many.js';
import { readSnapshot } from './support/snapshot-stream.js';
import { until } from '../lifecycle/membership.js';

async function readSlowly(cluster: Cluster, member: Member, kbPerSecond: number): Promise<Fault> {
  const reader = await readSnapshot(cluster, member, kbPerSecond * 1024);
  await until(10_000, `${member.name} sends a snapshot`, async () => reader.read() > 0);
  return fault(async () => reader.close());
}

/** A backup into a slow or hanging target. */
export default defineFault({
  name: 'long-snapshot-read',
  title: 'a backup client reads a snapshot of the member so slowly that it never ends',
  params: {
    mb: { default: 64, about: 'MiB of data that the snapshot has to carry' },
    kbPerSecond: { default: 100, about: 'KiB per second that the client reads' },
  },
  on: 'member',
  truth: {
    causes: ['backup-long-read-txn'],
    // The file grows as long as it lasts; nobody is hurt before the quota.
    verdict: ['investigate', 'healthy'],
    also: { 'backend-commit-slow': 'every commit writes to new pages: no old one may be used again' },
  },
  apply: async (cluster, members, { mb, kbPerSecond }) => {
    await withClient(cluster, (client) =>
      writeMany(client, { key: (turn) => `snapshot/${turn}`, valueBytes: 32 * 1024, bytes: mb * 1024 * 1024 }),
    );
    return onEach(members, (member) => readSlowly(cluster, member, kbPerSecond));
  },
});
