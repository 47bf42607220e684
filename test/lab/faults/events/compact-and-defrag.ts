import { setTimeout as sleep } from 'node:timers/promises';
import { defineFault } from '../../fault.js';
import { compactTo, withClient } from '../quota/space.js';
import { writeMany } from '../write-many.js';

/** The nightly maintenance: compact to now, then defragment the followers one by one and the leader last. */
export default defineFault({
  name: 'compact-and-defrag',
  title: 'the history was compacted and every member defragmented, just now',
  params: { mb: { default: 32, about: 'MiB of history made first, so that there is something to do' } },
  on: 'cluster',
  truth: { causes: [], verdict: ['healthy'], subject: 'any' },
  apply: async (cluster, _members, { mb }) => {
    const leader = await cluster.leader();
    await withClient(cluster, async (client) => {
      await writeMany(client, { key: (turn) => `history/${turn % 50}`, valueBytes: 8192, bytes: mb * 1024 * 1024 });
      const { header } = await client.call('Status', {});
      await compactTo(cluster, client, (header as { revision: string }).revision);
    });
    for (const member of [...cluster.members.filter((each) => each !== leader), leader]) {
      const client = await member.client();
      try {
        await client.call('Defragment', {}, 60_000);
      } finally {
        client.close();
      }
      await sleep(500);
    }
    return { undo: async () => undefined };
  },
});
