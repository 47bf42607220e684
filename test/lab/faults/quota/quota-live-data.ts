import { defineFault } from '../../fault.js';
import { fault } from '../types.js';
import { fillQuota, reclaim, SMALL_QUOTA } from './space.js';

const PREFIX = 'live/';

/** A controller that creates objects and never deletes one. */
export default defineFault({
  name: 'quota-live-data',
  title: 'the quota is used up by keys that are all in use',
  params: { valueBytes: { default: 8192, about: 'bytes of each value' } },
  on: 'cluster',
  cluster: { flags: [SMALL_QUOTA] },
  truth: { causes: ['quota-nospace-live-data'], verdict: ['intervene-now'], subject: 'any' },
  apply: async (cluster, _members, { valueBytes }) => {
    await fillQuota(cluster, 'quota-live-data', { key: (turn) => `${PREFIX}${turn}`, valueBytes });
    return fault(() => reclaim(cluster, PREFIX));
  },
});
