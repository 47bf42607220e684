import { defineFault } from '../../fault.js';
import { filterWire, PEER_TRAFFIC } from './wire-filter.js';

/** The kernel drops between cable and bridge: senders take the packets for sent, and send them again. */
export default defineFault({
  name: 'net-loss',
  title: 'the cable of the member loses packets at random in both directions',
  params: {
    pct: { default: 10, about: 'per cent of the packets of each direction, tenths count', strength: true },
    peersOnly: { default: false, about: 'only the packets of the peer port, so that clients do not notice' },
  },
  on: 'member',
  cluster: { hosts: true },
  truth: {
    causes: ['peer-packet-loss'],
    verdict: ['investigate'],
    also: {
      'peer-rtt-high': 'a probe that is sent again takes long',
      'read-index-slow': 'read requests wait for packets that are sent again',
      'proposals-pending-pileup': 'writes wait for packets that are sent again',
      'slow-follower-lag': 'entries arrive in bursts',
      'leader-flapping': 'heartbeats may come too late',
    },
    fromOneNode: {
      causes: ['peer-packet-loss'],
      verdict: ['investigate', 'inconclusive', 'healthy'],
      missing:
        'counters of segments sent again on the node that loses packets; loss near a follower hardly shows elsewhere',
    },
  },
  apply: (cluster, members, { pct, peersOnly }) => {
    const chance = `numgen random mod 1000 < ${Math.round(Math.min(100, pct) * 10)} counter drop`;
    const rules = peersOnly ? PEER_TRAFFIC.map((match) => `${match} ${chance}`) : [chance];
    return filterWire(
      cluster,
      'net-loss',
      members.map((member) => ({ member, from: rules, to: rules })),
    );
  },
});
