import { defineFault } from '../../fault.js';
import { FaultUnsupported } from '../types.js';

const HEARTBEAT_MS = 10;
const ELECTION_MS = 60;

/** Timers for a network without delay. Harmless as long as it has none, so a scenario adds round trips or takes CPU away. */
export default defineFault({
  name: 'election-mistuned',
  title: 'all members start an election after 60 ms without a heartbeat',
  params: {},
  on: 'cluster',
  cluster: { flags: [`--heartbeat-interval=${HEARTBEAT_MS}`, `--election-timeout=${ELECTION_MS}`] },
  truth: {
    causes: ['heartbeat-election-mistuned'],
    // Without a leader most of the time nothing can be written.
    verdict: ['investigate', 'intervene-now'],
    subject: 'any',
    also: {
      'peer-rtt-high': 'round trips beyond what the timers are for',
      'leader-flapping': 'the elections are what the timers cause',
      'read-index-slow': 'reads wait for a leader that is there to stay',
      'proposals-pending-pileup': 'writes wait for a leader',
      'quorum-lost': 'there may be no leader in any round',
    },
  },
  apply: async (cluster) => {
    if (!cluster.members.every((member) => member.args.includes(`--election-timeout=${ELECTION_MS}`)))
      throw new FaultUnsupported('election-mistuned', 'the members were not started with these timers');
    return { undo: async () => undefined };
  },
});
