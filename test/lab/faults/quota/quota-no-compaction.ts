import { defineFault } from '../../fault.js';
import { fault } from '../types.js';
import { fillQuota, reclaim, SMALL_QUOTA } from './space.js';

const PREFIX = 'status/';

/** Status objects that are written again and again, with nobody who compacts. */
export default defineFault({
  name: 'quota-no-compaction',
  title: 'the quota is used up by old revisions of a few keys',
  params: {
    keys: { default: 40, about: 'keys that are written in turn' },
    valueBytes: { default: 8192, about: 'bytes of each value' },
  },
  on: 'cluster',
  cluster: { flags: [SMALL_QUOTA] },
  truth: {
    causes: ['quota-nospace-no-compaction'],
    verdict: ['intervene-now'],
    subject: 'any',
    also: { 'auto-compaction-off': 'nothing compacts, which is why' },
  },
  apply: async (cluster, _members, { keys, valueBytes }) => {
    await fillQuota(cluster, 'quota-no-compaction', { key: (turn) => `${PREFIX}${turn % keys}`, valueBytes });
    return fault(() => reclaim(cluster, PREFIX));
  },
});
