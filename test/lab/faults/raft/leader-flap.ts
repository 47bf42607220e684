import { defineFault } from '../../fault.js';
import { repeat } from '../repeat.js';
import { fault } from '../types.js';

/** Whoever leads stands still for longer than the others wait, again and again. */
export default defineFault({
  name: 'leader-flap',
  title: 'the leader, whoever it is, stands still for longer than the election timeout, again and again',
  params: {
    pauseMs: {
      default: 2500,
      about: 'milliseconds the leader stands still; the default election timeout is 1000',
      strength: true,
    },
    everyMs: { default: 4000, about: 'milliseconds of rest in between' },
  },
  on: 'cluster',
  truth: {
    causes: ['vm-pause-or-steal', 'leader-flapping'],
    verdict: ['investigate'],
    subject: 'any',
    also: {
      'read-index-slow': 'reads wait for the next leader',
      'proposals-pending-pileup': 'writes wait for the next leader',
    },
  },
  apply: async (cluster, _members, { pauseMs, everyMs }) => {
    const flapping = repeat(cluster, async (wait) => {
      const leader = await cluster.leader();
      await leader.stop('SIGSTOP');
      try {
        await wait(pauseMs);
      } finally {
        await leader.stop('SIGCONT');
      }
      await wait(everyMs);
    });
    return fault(flapping.stop);
  },
});
