import { cpSync } from 'node:fs';
import { defineFault } from '../../fault.js';
import { setDataAside } from '../lifecycle/data-dir.js';
import { eachMember } from '../lifecycle/each-member.js';
import { until } from '../lifecycle/membership.js';
import { partition } from '../network.js';

export default defineFault({
  name: 'force-new-cluster',
  title: 'A member that was cut off was restarted with --force-new-cluster',
  params: {
    healed: {
      default: true,
      about: 'the network is whole again: it tells the others that they were removed, and they end',
    },
  },
  on: 'member',
  truth: {
    causes: ['unsafe-flags'],
    // It goes on alone under the old cluster id and takes writes that the others never see.
    verdict: ['intervene-now'],
    also: {
      'upgrade-36-membership-drift':
        'the members that it cut off are left in the older of its two stores, and 3.6 names them',
      'removed-member-still-running': 'the others are told that they were removed',
      'quorum-lost': 'by the member list of the others two of three are gone',
      'dead-member-in-list': 'by the member list of the others they have ended',
      'data-inconsistency-between-members': 'its data are not those of the others any more',
      'member-partitioned': 'while the network is cut it has no links to the others',
    },
  },
  apply: (cluster, members, { healed }) =>
    eachMember(members, async (member) => {
      const { flags } = member;
      const others = cluster.members.filter((each) => each !== member);
      const cut = await partition(cluster, member.index);
      await member.stop('SIGTERM');
      const restore = setDataAside(member);
      cpSync(`${member.dataDir}.aside`, member.dataDir, { recursive: true });
      await member.start({ flags: [...flags, '--force-new-cluster'] });
      await cluster.waitHealthy(30_000, [member.index]);
      if (healed) {
        await cut.undo();
        await until(
          30_000,
          'the others end because they were removed',
          async () => !others.some(({ running }) => running),
        );
      }
      return async () => {
        await member.stop('SIGKILL');
        restore();
        await cut.undo();
        await member.start({ flags });
        for (const other of others) if (!other.running) await other.start();
      };
    }),
});
