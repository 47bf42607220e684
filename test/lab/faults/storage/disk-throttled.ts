import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { fault } from '../types.js';
import { hostOf, limitedGroup, numberOf } from './support/io-limit.js';
import { slowStorageConsequences } from './support/truths.js';

/** The I/O limit of a unit or container. Requests wait above the device, which has time left. */
export default defineFault({
  name: 'disk-throttled',
  title: 'the control group of the member may write only so many times per second',
  params: { iops: { default: 20, about: 'writes per second; half is worse' } },
  on: 'member',
  cluster: { hosts: true },
  truth: {
    causes: ['disk-iops-throttled'],
    verdict: ['investigate'],
    also: slowStorageConsequences,
    fromOneNode: {
      causes: ['disk-slow-device'],
      verdict: ['investigate', 'inconclusive'],
      missing: 'the control group of the member is seen on its own node only: from outside the disk is just slow',
    },
  },
  apply: (cluster, members, { iops }) =>
    onEach(members, async (member) => {
      const { group, limit } = limitedGroup(cluster, member, numberOf(hostOf(member).device), 'disk-throttled');
      limit({ iops });
      return fault(async () => {
        limit({});
        if (!cluster.lab.ended) await group.remove();
      });
    }),
});
