import { defineFault } from '../../fault.js';
import { filterWire, PEER_TRAFFIC } from './wire-filter.js';

const WAYS = ['both', 'in', 'out'];

/** Nothing is refused and nothing answers. A cut of one way is soon one of both, because TCP needs its acknowledgements. */
export default defineFault({
  name: 'partition',
  title: 'nothing gets through between the member and its peers',
  params: {
    way: { default: 'both', about: 'in: what is sent to the member is lost; out: what it sends; both' },
    peersOnly: {
      default: true,
      about: 'only the packets of the peer port, so that clients reach it; else everything, as if the cable was pulled',
    },
  },
  on: 'member',
  cluster: { hosts: true },
  truth: {
    causes: ['member-partitioned'],
    verdict: ['intervene-now'],
    also: {
      'read-index-slow': 'the member cannot confirm reads',
      'proposals-pending-pileup': 'writes through the member wait until they time out',
      'slow-follower-lag': 'the member gets no entries',
    },
  },
  apply: async (cluster, members, { way, peersOnly }) => {
    if (!WAYS.includes(way)) throw new Error(`partition: way is one of ${WAYS.join(', ')}, not ${way}`);
    const rules = peersOnly ? PEER_TRAFFIC.map((match) => `${match} counter drop`) : ['counter drop'];
    return filterWire(
      cluster,
      'partition',
      members.map((member) => ({
        member,
        ...(way === 'in' ? {} : { from: rules }),
        ...(way === 'out' ? {} : { to: rules }),
      })),
    );
  },
});
