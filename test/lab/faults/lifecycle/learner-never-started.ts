import { defineFault } from '../../fault.js';
import { fault } from '../types.js';
import { addMember, removeIfListed, spareOf } from './membership.js';

export default defineFault({
  name: 'learner-never-started',
  title: 'A learner was added and never started',
  params: {},
  on: 'cluster',
  cluster: { spares: 1 },
  truth: {
    causes: ['learner-stuck'],
    verdict: ['investigate'],
    also: { 'dead-member-in-list': 'the list has a member that never started' },
  },
  apply: async (cluster) => {
    const spare = spareOf(cluster, 'learner-never-started');
    await addMember(cluster, spare, { learner: true });
    return { ...fault(() => removeIfListed(cluster, spare)), subjects: [spare.name] };
  },
});
