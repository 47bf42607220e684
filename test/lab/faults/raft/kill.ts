import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { kill } from '../process.js';

export default defineFault({
  name: 'kill',
  title: 'the member is killed and stays dead',
  params: {},
  on: 'member',
  truth: {
    causes: ['dead-member-in-list'],
    // The third of three is gone: no spare is left, one more loss stops all writes.
    verdict: ['intervene-now'],
    also: {
      'read-index-slow': 'reads wait for the next leader, or for the only follower that is left',
      'leader-flapping': 'a killed leader is replaced',
    },
  },
  apply: (cluster, members) => onEach(members, (member) => kill(cluster, member.index)),
});
