import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { setDataAside } from '../lifecycle/data-dir.js';
import { until } from '../lifecycle/membership.js';
import { supervise } from '../lifecycle/supervise.js';
import { deadFromOutside, deadMemberConsequences } from '../storage/support/truths.js';
import { type Fault, fault } from '../types.js';
import { restartParam } from './support/offline.js';

async function lose(cluster: Cluster, member: Member, state: string, restartSeconds: number): Promise<Fault> {
  const { flags } = member;
  await member.stop('SIGKILL');
  const restore = setDataAside(member);
  await member.start({ flags: [...flags, `--initial-cluster-state=${state}`] });
  await until(30_000, `${member.name} has ended`, async () => !member.running);
  const end = restartSeconds > 0 ? supervise(cluster, member, restartSeconds) : async () => undefined;
  return fault(async () => {
    await end();
    await member.stop('SIGKILL');
    restore();
    await member.start({ flags });
  });
}

/** The volume that was not mounted, the pod without its disk: an empty directory under an identity that the cluster knows. */
export default defineFault({
  name: 'lost-data-dir',
  title: 'the data dir of the member was emptied, and it was started under its old identity',
  params: {
    state: { default: 'existing', about: 'its --initial-cluster-state: existing or new' },
    restartSeconds: restartParam,
  },
  on: 'member',
  truth: {
    causes: ['raft-log-lost', 'member-already-bootstrapped'],
    // One of three voters does not start, no spare is left.
    verdict: ['intervene-now'],
    also: deadMemberConsequences,
    fromOneNode: deadFromOutside,
  },
  apply: (cluster, members, { state, restartSeconds }) =>
    onEach(members, (member) => lose(cluster, member, state, restartSeconds)),
});
