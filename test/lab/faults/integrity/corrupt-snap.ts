import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { defineFault } from '../../fault.js';
import { until } from '../lifecycle/membership.js';
import { withClient } from '../quota/space.js';
import { deadFromOutside, deadMemberConsequences } from '../storage/support/truths.js';
import type { Truth } from '../../truth.js';
import { writeMany } from '../write-many.js';
import { flip } from './support/flip.js';
import { damageOffline, restartParam } from './support/offline.js';

const SNAPSHOT_COUNT = 200;

const snapsOf = (member: Member): readonly string[] => {
  const dir = join(member.dataDir, 'member', 'snap');
  return readdirSync(dir)
    .filter((name) => name.endsWith('.snap'))
    .sort()
    .map((name) => join(dir, name));
};

/** Entries that the leader keeps for those behind it; who misses more gets a snapshot. */
const KEPT = 5000;

/** Have the leader send a snapshot to each member: what came before it is not in the member's log then. */
async function receiveSnapshot(cluster: Cluster, members: readonly Member[]): Promise<void> {
  for (const member of members) await member.stop('SIGTERM');
  await withClient(cluster, (client) => writeMany(client, small(KEPT + 5 * SNAPSHOT_COUNT)));
  for (const member of members) await member.start();
  await cluster.waitHealthy(
    30_000,
    members.map(({ index }) => index),
  );
  for (const member of members) {
    if (!/applied snapshot|applied incoming Raft snapshot/.test(await member.log()))
      throw new Error(`${member.name} caught up without a snapshot`);
  }
}

const small = (count: number) => ({ key: (turn: number) => `snap/${turn % 100}`, valueBytes: 1, bytes: count });

/** etcd sets the broken file aside and takes the one before; whether the log goes back that far is another matter. */
export default defineFault({
  name: 'corrupt-snap',
  title: 'the newest raft snapshot of the member was damaged while it was down',
  params: {
    received: {
      default: false,
      about: 'the snapshot is one that the leader sent: the log does not reach back to the one before it',
    },
    bytes: { default: 16, about: 'bytes inverted' },
    restartSeconds: restartParam,
  },
  on: 'member',
  cluster: { flags: [`--snapshot-count=${SNAPSHOT_COUNT}`] },
  truth: {
    // The snapshot before it and the log give the same state.
    causes: [],
    verdict: ['healthy', 'transient'],
    also: { 'snap-file-corrupt': 'the file was damaged, and set aside at the start' },
  },
  apply: async (cluster, members, { received, bytes, restartSeconds }) => {
    await (received
      ? receiveSnapshot(cluster, members)
      : withClient(cluster, (client) => writeMany(client, small(3 * SNAPSHOT_COUNT))));
    await until(10_000, 'every chosen member has a snapshot', async () =>
      members.every((member) => snapsOf(member).length > 0),
    );
    return damageOffline(cluster, members, {
      restartSeconds,
      act: async (member) => {
        const newest = snapsOf(member).at(-1);
        if (newest === undefined) throw new Error(`${member.name} has no snapshot`);
        await flip(newest, Math.floor(statSync(newest).size / 2), bytes);
      },
    });
  },
});

/** Without the entries before it a member cannot do without its snapshot. */
export const neededSnapTruth: Truth = {
  causes: ['snap-file-corrupt'],
  // One of three voters does not start, no spare is left.
  verdict: ['intervene-now'],
  also: {
    ...deadMemberConsequences,
    'wal-corrupt-crc': 'without the snapshot the log does not fit together',
    'raft-log-lost': 'without the snapshot the log does not reach back far enough',
    'snapshot-db-missing': 'the snapshot before it has no database of its own any more',
  },
  fromOneNode: deadFromOutside,
};
