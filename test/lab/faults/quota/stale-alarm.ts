import { defineFault } from '../../fault.js';
import { fault } from '../types.js';
import { deleteAndCompact, defragmentEach, disarm, fillQuota, SMALL_QUOTA, withClient } from './space.js';

const PREFIX = 'gone/';

/** The whole clean-up but for its last step. */
export default defineFault({
  name: 'stale-alarm',
  title: 'space was freed on every member and the alarm never disarmed',
  params: { valueBytes: { default: 8192, about: 'bytes of each value' } },
  on: 'cluster',
  cluster: { flags: [SMALL_QUOTA] },
  truth: { causes: ['quota-alarm-stale'], verdict: ['intervene-now'], subject: 'any' },
  apply: async (cluster, _members, { valueBytes }) => {
    await fillQuota(cluster, 'stale-alarm', { key: (turn) => `${PREFIX}${turn}`, valueBytes });
    await withClient(cluster, (client) => deleteAndCompact(cluster, client, PREFIX));
    await defragmentEach(cluster);
    return fault(() => withClient(cluster, disarm));
  },
});
