import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { pause } from '../process.js';

export default defineFault({
  name: 'pause',
  title: 'the member is stopped with SIGSTOP',
  params: {},
  on: 'member',
  truth: {
    causes: ['vm-pause-or-steal'],
    // As with a dead member of three: no spare is left.
    verdict: ['intervene-now'],
    also: {
      'read-index-slow': 'reads wait for the next leader, or for the only follower that is left',
      'leader-flapping': 'a paused leader is replaced',
    },
  },
  apply: (cluster, members) => onEach(members, (member) => pause(cluster, member.index)),
});
