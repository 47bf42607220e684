import { defineFault } from '../../fault.js';
import { FaultUnsupported } from '../types.js';

const HEARTBEAT_MS = 500;
const ELECTION_MS = 5000;

/** One member built from another template. It is started so; there is nothing to do to it later. */
export default defineFault({
  name: 'timers-differ',
  title: 'the last of three members has a heartbeat interval and an election timeout five times those of the others',
  params: {},
  on: 'cluster',
  cluster: { memberFlags: { 2: [`--heartbeat-interval=${HEARTBEAT_MS}`, `--election-timeout=${ELECTION_MS}`] } },
  truth: {
    // The others wait 1000 ms for a leader that would send a heartbeat every 500: one late, and they campaign.
    causes: ['timing-mismatch-between-members'],
    verdict: ['investigate'],
    subject: 'any',
    fromOneNode: {
      causes: [],
      verdict: ['healthy', 'inconclusive'],
      subject: 'any',
      missing: 'the timers of the other members: no metric tells them, only the process and its log on each node',
    },
  },
  apply: async (cluster) => {
    const odd = cluster.members.filter((member) => member.args.includes(`--election-timeout=${ELECTION_MS}`));
    if (odd.length !== 1) throw new FaultUnsupported('timers-differ', `${odd.length} members were started with them`);
    return { subjects: odd.map((member) => member.name), undo: async () => undefined };
  },
});
