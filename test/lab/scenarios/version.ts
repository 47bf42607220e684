import type { Scenario } from '../scenario.js';

const family = 'version';

export const versionScenarios: readonly Scenario[] = [
  {
    id: 'patch-upgrade-under-way',
    title: 'A healthy cluster in the middle of a patch upgrade',
    family,
    faults: [{ fault: 'mixed-patches' }],
    versions: ['3.5'],
  },
  {
    id: 'minor-upgrade-under-way',
    title: 'A healthy cluster in the middle of an upgrade to the next minor release',
    family,
    faults: [{ fault: 'mixed-minors' }],
    versions: ['3.4', '3.5', '3.6'],
    quick: true,
  },
  {
    id: 'minor-upgrade-leader-left',
    title: 'An upgrade to the next minor release of which only the leader is left',
    family,
    faults: [{ fault: 'mixed-minors', on: 'followers' }],
    versions: ['3.4', '3.5', '3.6'],
  },
  {
    id: 'skipped-minor',
    title: 'A follower was upgraded by two minor releases at once',
    family,
    faults: [{ fault: 'skipped-minor' }],
    versions: ['3.4', '3.5'],
  },
  {
    id: 'downgrade-blocked',
    title: 'A follower was given the binary of the minor release before and does not start',
    family,
    faults: [{ fault: 'downgrade-blocked' }],
    versions: ['3.5', '3.6', '3.7'],
  },
  {
    id: 'membership-drift',
    title: 'Learners promoted on an early 3.5, and the first member upgraded to 3.6 does not start',
    family,
    faults: [{ fault: 'membership-drift' }],
    versions: ['3.5'],
  },
];
