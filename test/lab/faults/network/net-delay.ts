import { defineFault } from '../../fault.js';
import { useLink } from '../../link/link.js';
import { onEach } from '../all-of.js';

/** A long way: two members with it are four delays of round trip apart. */
export default defineFault({
  name: 'net-delay',
  title: 'the cable of the member delays packets in both directions',
  params: {
    ms: { default: 40, about: 'milliseconds one way, on the cable of each member it is done to', strength: true },
    jitterMs: { default: 10, about: 'more or less by up to this many milliseconds; packets keep their order' },
    peersOnly: { default: true, about: 'only the packets of the peer port, so that clients do not notice' },
  },
  on: 'member',
  cluster: { hosts: true },
  truth: {
    causes: ['peer-rtt-high'],
    verdict: ['investigate'],
    also: {
      'read-index-slow': 'a linearizable read waits for the round trip',
      'proposals-pending-pileup': 'a write waits for the round trip',
      'slow-follower-lag': 'entries are on their way longer',
      'heartbeat-election-mistuned': 'default timers are not made for such round trips',
    },
  },
  apply: (cluster, members, { ms, jitterMs, peersOnly }) => {
    const way = { delayMs: ms, jitterMs };
    return onEach(members, (member) =>
      useLink(cluster, member, { fromMember: way, toMember: way, peersOnly }, 'net-delay'),
    );
  },
});
