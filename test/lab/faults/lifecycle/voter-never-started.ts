import { defineFault } from '../../fault.js';
import { fault } from '../types.js';
import { addMember, removeIfListed, spareOf } from './membership.js';

export default defineFault({
  name: 'voter-never-started',
  title: 'A fourth voter was added and never started',
  params: {},
  on: 'cluster',
  cluster: { spares: 1 },
  truth: {
    causes: ['dead-member-in-list'],
    // Three of four run and three are needed: as with a dead member of three, nothing may fail any more.
    verdict: ['intervene-now', 'investigate'],
    also: { 'reconfig-rejected': 'another change would be refused while this one is half done' },
  },
  apply: async (cluster) => {
    const spare = spareOf(cluster, 'voter-never-started');
    await addMember(cluster, spare);
    return { ...fault(() => removeIfListed(cluster, spare)), subjects: [spare.name] };
  },
});
