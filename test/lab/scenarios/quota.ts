import type { Scenario } from '../scenario.js';

const family = 'quota';

export const quotaScenarios: readonly Scenario[] = [
  {
    id: 'quota-live-data',
    title: 'the quota is used up by keys that are all in use',
    family,
    faults: [{ fault: 'quota-live-data' }],
  },
  {
    id: 'quota-no-compaction',
    title: 'the quota is used up by old revisions of a few keys',
    family,
    faults: [{ fault: 'quota-no-compaction' }],
    quick: true,
  },
  {
    id: 'quota-fragmentation',
    title: 'the file is at the quota with mostly free pages: deleted and compacted, not defragmented',
    family,
    faults: [{ fault: 'quota-fragmentation' }],
  },
  {
    id: 'stale-alarm',
    title: 'space was freed on every member and the alarm never disarmed',
    family,
    faults: [{ fault: 'stale-alarm' }],
    quick: true,
  },
  {
    id: 'db-fragmented',
    title: 'a large database file with little in use, the quota far away',
    family,
    faults: [{ fault: 'db-fragmented' }],
  },
];
