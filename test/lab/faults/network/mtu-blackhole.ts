import { defineFault } from '../../fault.js';
import { filterWire, othersOf } from './wire-filter.js';

/** A tunnel narrower than its ends believe, and nobody says so: path MTU discovery waits for a message that never comes. */
export default defineFault({
  name: 'mtu-blackhole',
  title: 'large packets between the member and the other nodes vanish, small ones pass',
  params: { bytes: { default: 1400, about: 'IP packets of more bytes than this are dropped' } },
  on: 'member',
  cluster: { hosts: true },
  truth: {
    causes: ['mtu-blackhole', 'peer-packet-loss'],
    // A follower that gets no batch of entries any more is alive, but no spare.
    verdict: ['investigate', 'intervene-now'],
    also: {
      'peer-packet-loss': 'every large packet is sent again and lost again',
      'slow-follower-lag': 'entries in large packets never arrive',
      'follower-snapshot-loop': 'a snapshot does not get through either',
      'read-index-slow': 'the member waits for entries before it answers',
      'proposals-pending-pileup': 'writes through the member wait',
    },
    fromOneNode: {
      causes: [],
      verdict: ['investigate', 'inconclusive', 'intervene-now'],
      missing: 'the counters of both kernels and a connect between their hosts',
    },
  },
  apply: (cluster, members, { bytes }) =>
    filterWire(
      cluster,
      'mtu-blackhole',
      members.map((member) => ({
        member,
        from: [`ip daddr ${othersOf(cluster, member)} ip length > ${bytes} counter drop`],
        to: [`ip saddr ${othersOf(cluster, member)} ip length > ${bytes} counter drop`],
      })),
    ),
});
