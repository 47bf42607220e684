import { rmSync } from 'node:fs';
import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { RunError } from '../../../support/run.js';
import { defineFault } from '../../fault.js';
import { partition } from '../network.js';
import { type Fault, fault } from '../types.js';
import { join, othersOf, removeIfListed, spareOf } from './membership.js';
import { slowLink } from './slow-link.js';

export default defineFault({
  name: 'learner-stuck',
  title: 'A learner joined and cannot keep up, so that it cannot be promoted',
  params: {
    how: { default: 'cut', about: 'cut: no packet between it and the others; slow: its link is too slow for the log' },
    kbit: { default: 16, about: 'speed of the link towards it when slow, kbit/s' },
    behindPct: { default: 25, about: 'how far the log of the leader is made to run ahead, percent' },
  },
  on: 'cluster',
  cluster: { spares: 1 },
  truth: {
    // The network was cut, so that naming the cut names what was done.
    causes: ['learner-stuck', 'member-partitioned'],
    verdict: ['investigate'],
    also: {
      'peer-port-blocked-asymmetric': 'the learner is cut off, which is why it is stuck',
      'dead-member-in-list': 'from the nodes of the others a learner that is cut off looks dead',
    },
    fromOneNode: {
      causes: ['learner-stuck', 'member-partitioned', 'dead-member-in-list', 'peer-port-blocked-asymmetric'],
      verdict: ['investigate'],
      missing: 'a learner that is cut off cannot be asked from the node of another member',
    },
  },
  apply: async (cluster, _members, params) => {
    const spare = spareOf(cluster, 'learner-stuck');
    await join(cluster, spare, { learner: true });
    const link: Fault =
      params.how === 'slow' ? await slowLink(cluster, spare.index, params.kbit) : await partition(cluster, spare.index);
    await runAhead(cluster, params.behindPct);
    await promotionRefused(cluster, spare);
    const undo = async (): Promise<void> => {
      await link.undo();
      await removeIfListed(cluster, spare);
      await spare.stop('SIGKILL');
      rmSync(spare.dataDir, { recursive: true, force: true });
    };
    return { ...fault(undo), subjects: [spare.name] };
  },
});

/** Write until the log of the leader is `pct` percent longer than now; etcd refuses to promote below 90 % of it. */
async function runAhead(cluster: Cluster, pct: number): Promise<void> {
  const client = await (await cluster.leader()).client();
  try {
    const index = async (): Promise<number> => Number((await client.call('Status', {})).raftIndex);
    const goal = (await index()) * (1 + pct / 100);
    const value = Buffer.alloc(1024, 'v');
    for (let turn = 0; (await index()) < goal; turn += 1) {
      const keys = Array.from({ length: 20 }, (_, at) => Buffer.from(`ahead/${(turn * 20 + at) % 200}`));
      await Promise.all(keys.map((key) => client.call('Put', { key, value })));
    }
  } finally {
    client.close();
  }
}

async function promotionRefused(cluster: Cluster, learner: Member): Promise<void> {
  const via = othersOf(cluster, [learner]);
  try {
    await cluster.etcdctl(['member', 'promote', learner.id], { via });
  } catch (error) {
    if (error instanceof RunError && /in sync with leader|not ready/.test(error.message)) return;
    throw error;
  }
  throw new Error(`${learner.name} was promoted: it is not stuck`);
}
