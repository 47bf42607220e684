import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { fault } from '../types.js';
import { slowStorageConsequences } from './support/truths.js';
import { openVolume } from './support/volume.js';

/** The small network volume that looked large enough. Its limit lies with the provider: nothing on the host tells it. */
export default defineFault({
  name: 'slow-volume',
  title: 'the volume under the member takes only a few writes per second',
  params: { iops: { default: 40, about: 'writes per second; half is worse' } },
  on: 'member',
  cluster: { hosts: true, disks: 'device' },
  truth: {
    // etcd alone keeps the volume busy, and any ordinary disk would take as much: both names are right.
    causes: ['disk-slow-device', 'disk-saturated-by-etcd'],
    verdict: ['investigate'],
    also: slowStorageConsequences,
  },
  apply: (cluster, members, { iops }) =>
    onEach(members, async (member) => {
      const volume = await openVolume(cluster, member, 'slow-volume');
      volume.limit({ iops });
      return fault(volume.remove);
    }),
});
