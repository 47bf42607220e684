import { defineFault } from '../../fault.js';
import { eachMember } from '../lifecycle/each-member.js';
import { otherPatch } from './other-patch.js';

export default defineFault({
  name: 'mixed-patches',
  title: 'A patch upgrade under way: a member runs another patch of the same minor release',
  params: {},
  on: 'member',
  truth: {
    causes: [],
    verdict: ['healthy'],
    also: { 'version-skew': 'the patches differ, as they do in every upgrade' },
  },
  apply: async (cluster, members) => {
    const binaries = await otherPatch(cluster.binaries);
    return eachMember(members, async (member) => {
      await member.stop('SIGTERM');
      await member.start({ binaries });
      return async () => {
        await member.stop('SIGTERM');
        await member.start({ binaries: cluster.binaries });
      };
    });
  },
});
