import { defineFault } from '../../fault.js';
import { useLink } from '../../link/link.js';
import { onEach } from '../all-of.js';

/** A cable of little capacity. It hurts only as far as there is something to carry, so give the scenario writes. */
export default defineFault({
  name: 'net-rate',
  title: 'the cable of the member carries few kilobits per second to and from its peers',
  params: {
    kbit: { default: 1000, about: 'kbit/s in each direction; less is worse' },
    queueMs: { default: 200, about: 'packets that would wait longer than this many milliseconds are dropped' },
    peersOnly: { default: true, about: 'only the packets of the peer port, so that clients do not notice' },
  },
  on: 'member',
  cluster: { hosts: true },
  truth: {
    causes: ['peer-bandwidth-saturated', 'peer-packet-loss'],
    verdict: ['investigate'],
    also: {
      'peer-packet-loss': 'a full queue drops packets',
      'peer-rtt-high': 'what gets through has waited in the queue',
      'slow-follower-lag': 'entries arrive more slowly than they are made',
      'follower-snapshot-loop': 'a follower that is too far behind needs a snapshot, which is slower still',
      'read-index-slow': 'heartbeats and read requests wait in the same queue',
    },
  },
  apply: (cluster, members, { kbit, queueMs, peersOnly }) => {
    const way = { rateKbit: kbit, queueMs };
    return onEach(members, (member) =>
      useLink(cluster, member, { fromMember: way, toMember: way, peersOnly }, 'net-rate'),
    );
  },
});
