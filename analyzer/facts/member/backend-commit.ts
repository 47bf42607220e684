import { defineFact } from '../../fact.js';
import { fromScrapes, latencyOf } from '../views.js';
import type { BackendCommit, Latency } from '../values/index.js';

const metric = 'etcd_disk_backend_commit_duration_seconds';
const phases = ['rebalance', 'spill', 'write'] as const;
const phaseMetric = (phase: (typeof phases)[number]): string =>
  `etcd_debugging_disk_backend_commit_${phase}_duration_seconds`;

const dominantOf = (views: Readonly<Record<(typeof phases)[number], Latency | null>>): BackendCommit['dominant'] => {
  const times = phases.map((phase) => ({ phase, ms: views[phase]?.best.histogram.sumMs ?? 0 }));
  const total = times.reduce((sum, time) => sum + time.ms, 0);
  const largest = times.reduce((most, time) => (time.ms > most.ms ? time : most));
  return total > 0 ? { phase: largest.phase, share: largest.ms / total } : null;
};

export default defineFact({
  scope: 'member',
  id: 'backendCommit',
  title: 'Duration of backend commits and of their phases',
  artifacts: ['metrics'],
  derive: (ctx) =>
    fromScrapes(ctx, [metric, ...phases.map(phaseMetric)], (scrapes) => {
      const commit = latencyOf(scrapes, metric);
      if (commit === null) return null;
      const views = {
        rebalance: latencyOf(scrapes, phaseMetric('rebalance')),
        spill: latencyOf(scrapes, phaseMetric('spill')),
        write: latencyOf(scrapes, phaseMetric('write')),
      };
      return { ...commit, ...views, dominant: dominantOf(views) };
    }),
});
