import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { until } from '../lifecycle/membership.js';
import { withClient } from '../quota/space.js';
import { type Fault, fault } from '../types.js';
import { injectSyncs } from './slow-fsync.js';
import { deadFromOutside, deadMemberConsequences } from './support/truths.js';

async function failSyncs(cluster: Cluster, member: Member): Promise<Fault> {
  const injected = await injectSyncs(cluster, member.index, 'error=EIO', 'io-error');
  await withClient(cluster, (client) =>
    // The member itself may be the one that is asked.
    client.call('Put', { key: Buffer.from('io-error'), value: Buffer.from('x') }).catch(() => undefined),
  );
  await until(15_000, `${member.name} has ended`, async () => !member.running);
  await sleep(100);
  return fault(async () => {
    await injected.undo();
    await member.start();
  });
}

export default defineFault({
  name: 'io-error',
  title: 'the disk answers a sync of the member with an I/O error; etcd has ended',
  params: {},
  on: 'member',
  truth: {
    causes: ['filesystem-readonly-or-eio'],
    // One of three voters is gone, no spare is left.
    verdict: ['intervene-now'],
    also: deadMemberConsequences,
    fromOneNode: deadFromOutside,
  },
  apply: (cluster, members) => onEach(members, (member) => failSyncs(cluster, member)),
});
