import { defineLoad } from '../load.js';
import { preload } from './support/preload.js';
import { createTally } from './support/tally.js';

export default defineLoad({
  name: 'stored-data',
  title: 'Much data that was written at the start and is left alone: it makes the database large, no more',
  params: {
    mb: { default: 200, about: 'MiB of values' },
    valueBytes: { default: 16_384, about: 'bytes of each value' },
  },
  start: async (cluster, { mb, valueBytes }) => {
    const tally = createTally();
    await tally.timed(() => preload(cluster, 'stored/', Math.ceil((mb * 1024 * 1024) / valueBytes), valueBytes));
    return { stop: async () => tally.report() };
  },
});
