import { defineFault } from '../../fault.js';
import { fault } from '../types.js';
import { writeMany } from '../write-many.js';
import { defragmentEach, deleteAndCompact, withClient } from './space.js';

const PREFIX = 'burst/';

/** A burst of data, deleted and compacted since. The file keeps its size; with the quota far away it is a matter of housekeeping. */
export default defineFault({
  name: 'db-fragmented',
  title: 'a large database file with little in use, the quota far away',
  params: { mb: { default: 80, about: 'MiB written, deleted and compacted', strength: true } },
  on: 'cluster',
  truth: {
    causes: [],
    verdict: ['healthy'],
    subject: 'any',
    also: { 'defrag-needed': 'most of the file is free pages; worth a note, no harm' },
  },
  apply: async (cluster, _members, { mb }) => {
    await withClient(cluster, async (client) => {
      await writeMany(client, { key: (turn) => `${PREFIX}${turn}`, valueBytes: 32 * 1024, bytes: mb * 1024 * 1024 });
      await deleteAndCompact(cluster, client, PREFIX);
    });
    return fault(() => defragmentEach(cluster));
  },
});
