import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { cpuStarve } from '../process.js';
import { starvedConsequences } from './starved.js';

/** The CPU limit of a container or unit, set too low. */
export default defineFault({
  name: 'cpu-quota',
  title: 'the cgroup of the member may use a few per cent of a core',
  params: { pct: { default: 4, about: 'per cent of one core, 1 and up', strength: true } },
  on: 'member',
  truth: {
    causes: ['cpu-cgroup-throttling'],
    verdict: ['investigate'],
    also: starvedConsequences,
    fromOneNode: {
      causes: ['cpu-starvation-host', 'cpu-cgroup-throttling'],
      verdict: ['investigate', 'inconclusive'],
      missing:
        'cgroup and scheduler counters of the node of the throttled member: a quota and a crowded host look alike',
    },
  },
  apply: (cluster, members, { pct }) => onEach(members, (member) => cpuStarve(cluster, member.index, { pct })),
});
