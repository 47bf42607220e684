import { defineFault } from '../../fault.js';
import { setDataAside } from './data-dir.js';
import { eachMember } from './each-member.js';
import { initialCluster } from './membership.js';

export default defineFault({
  name: 'cluster-id-mismatch',
  title: 'A member lost its data and founded a cluster of its own at its old address',
  params: {
    alone: {
      default: true,
      about: 'founded with itself only, so that it leads itself; else with all peers, who refuse it',
    },
  },
  on: 'member',
  truth: {
    causes: ['cluster-id-mismatch'],
    // One of three voters is lost and no spare is left; besides, clients write into the wrong cluster.
    verdict: ['intervene-now'],
    also: {
      'dead-member-in-list': 'the member of the old cluster at this address does not run any more',
      'data-inconsistency-between-members': 'what it serves is not what the others serve',
    },
  },
  apply: (_cluster, members, params) =>
    eachMember(members, async (member) => {
      const { flags } = member;
      await member.stop('SIGTERM');
      const restore = setDataAside(member);
      const alone = params.alone ? [initialCluster([member])] : [];
      await member.start({ flags: [...flags, '--initial-cluster-token=restored', ...alone] });
      return async () => {
        await member.stop('SIGKILL');
        restore();
        await member.start({ flags });
      };
    }),
});
