import { defineFault } from '../../fault.js';
import { eachMember, restartWith } from '../lifecycle/each-member.js';

export default defineFault({
  name: 'unsafe-flags',
  title: 'A member runs with a flag that is meant for tests',
  params: {
    flag: { default: '--unsafe-no-fsync', about: '--unsafe-no-fsync (from 3.5) or --strict-reconfig-check=false' },
  },
  on: 'member',
  truth: {
    causes: [],
    // Nothing is broken until a host crashes, or somebody changes the membership.
    verdict: ['healthy', 'investigate'],
    also: { 'unsafe-flags': 'the flag is in force' },
  },
  apply: (cluster, members, { flag }) =>
    eachMember(members, (member) => restartWith(member, [flag]), cluster.waitHealthy),
});
