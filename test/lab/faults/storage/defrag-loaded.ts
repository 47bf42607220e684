import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { withClient } from '../quota/space.js';
import { repeat } from '../repeat.js';
import { type Fault, fault } from '../types.js';
import { writeMany } from '../write-many.js';

async function defragmentAgain(cluster: Cluster, member: Member, everyS: number): Promise<Fault> {
  const rounds = repeat(cluster, async (wait) => {
    const client = await member.client();
    try {
      await client.call('Defragment', {}, 120_000);
    } finally {
      client.close();
    }
    await wait(everyS * 1000);
  });
  return fault(rounds.stop);
}

/** The job that defragments whatever the file looks like, with the cluster at work. */
export default defineFault({
  name: 'defrag-loaded',
  title: 'the member is defragmented again and again while it has work to do',
  params: {
    mb: { default: 150, about: 'MiB of data that are there to be rewritten', strength: true },
    everyS: { default: 0.5, about: 'seconds between the end of one defragmentation and the next' },
  },
  on: 'member',
  truth: {
    causes: ['defrag-in-progress'],
    verdict: ['investigate', 'transient'],
    also: {
      'apply-backlog': 'nothing is applied while the file is rewritten',
      'slow-follower-lag': 'nothing is applied while the file is rewritten',
      'read-index-slow': 'reads wait for the applies',
      'proposals-pending-pileup': 'true while the member leads: proposals wait for the applies',
      'backend-commit-slow': 'commits compete with the rewriting',
      'disk-stall-intermittent': 'a sync waits until what was rewritten is on the disk, too',
      'disk-saturated-by-etcd': 'the whole file is written anew, over and over',
    },
  },
  apply: async (cluster, members, { mb, everyS }) => {
    await withClient(cluster, (client) =>
      writeMany(client, { key: (turn) => `defrag/${turn}`, valueBytes: 64 * 1024, bytes: mb * 1024 * 1024 }),
    );
    return onEach(members, (member) => defragmentAgain(cluster, member, everyS));
  },
});
