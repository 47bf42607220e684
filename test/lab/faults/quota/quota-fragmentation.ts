import { defineFault } from '../../fault.js';
import { fault } from '../types.js';
import { defragmentAndDisarm, deleteAndCompact, fillQuota, SMALL_QUOTA, withClient } from './space.js';

const PREFIX = 'gone/';

/** Filled, alarmed, cleaned up by deleting and compacting, and left there: the file is as large as the quota and mostly free. */
export default defineFault({
  name: 'quota-fragmentation',
  title: 'the file is at the quota with mostly free pages: deleted and compacted, not defragmented',
  params: { valueBytes: { default: 8192, about: 'bytes of each value' } },
  on: 'cluster',
  cluster: { flags: [SMALL_QUOTA] },
  truth: {
    causes: ['quota-nospace-fragmentation'],
    verdict: ['intervene-now'],
    subject: 'any',
    also: { 'defrag-needed': 'the same free pages, seen from the file' },
  },
  apply: async (cluster, _members, { valueBytes }) => {
    await fillQuota(cluster, 'quota-fragmentation', { key: (turn) => `${PREFIX}${turn}`, valueBytes });
    await withClient(cluster, (client) => deleteAndCompact(cluster, client, PREFIX));
    return fault(() => defragmentAndDisarm(cluster));
  },
});
