import { defineFault } from '../../fault.js';
import { eachMember } from '../lifecycle/each-member.js';
import { neighbour, runLine } from './lines.js';

export default defineFault({
  name: 'mixed-minors',
  title: 'A rolling upgrade under way: a member runs a minor release that is newer than the others',
  params: {},
  on: 'member',
  truth: {
    causes: [],
    verdict: ['healthy'],
    also: {
      'version-skew': 'the versions differ, as they do in every upgrade',
      'upgrade-36-membership-drift': 'a 3.5 below 3.5.26 beside a 3.6 risks drifting member lists',
    },
  },
  apply: (cluster, members) =>
    eachMember(members, (member) => runLine(member, neighbour(cluster.binaries.line, 1)), cluster.waitHealthy),
});
