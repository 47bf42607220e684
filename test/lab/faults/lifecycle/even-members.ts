import { rmSync } from 'node:fs';
import { defineFault } from '../../fault.js';
import { fault } from '../types.js';
import { join, removeIfListed, spareOf } from './membership.js';

export default defineFault({
  name: 'even-members',
  title: 'A fourth voter joined: one more to wait for, and no more may fail',
  params: {},
  on: 'cluster',
  cluster: { spares: 1 },
  truth: {
    causes: [],
    verdict: ['healthy'],
    also: { 'even-or-insufficient-members': 'four voters bear the loss of one, as three would' },
  },
  apply: async (cluster) => {
    const spare = spareOf(cluster, 'even-members');
    await join(cluster, spare);
    const undo = async (): Promise<void> => {
      await removeIfListed(cluster, spare);
      await spare.stop('SIGKILL');
      rmSync(spare.dataDir, { recursive: true, force: true });
    };
    return { ...fault(undo), subjects: [spare.name] };
  },
});
