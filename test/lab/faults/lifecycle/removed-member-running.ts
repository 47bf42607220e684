import { defineFault } from '../../fault.js';
import { partition } from '../network.js';
import { fault } from '../types.js';
import { addMember, join, othersOf, removeIfListed, removeMember, spareOf, until } from './membership.js';
import { rmSync } from 'node:fs';
import { supervise } from './supervise.js';

export default defineFault({
  name: 'removed-member-running',
  title: 'A member was removed from the cluster, and its process lives on',
  params: {
    how: {
      default: 'supervised',
      about: 'supervised: it ends and its service manager starts it again; cut-off: it never learns of its removal',
    },
    restartSeconds: { default: 2, about: 'seconds between the end of the process and its next start' },
    replaced: { default: true, about: 'a new member has taken its place' },
  },
  on: 'member',
  cluster: { spares: 1 },
  truth: {
    causes: ['removed-member-still-running'],
    verdict: ['investigate'],
    also: {
      'crash-loop': 'the removed process ends and is started again every few seconds',
      'member-partitioned': 'a removed member that was never told has no link to the others',
    },
  },
  apply: async (cluster, members, params) => {
    const [member] = members;
    if (member === undefined) throw new Error('removed-member-running needs a member');
    const spare = spareOf(cluster, 'removed-member-running');
    const cut = params.how === 'cut-off' ? await partition(cluster, member.index) : undefined;
    let end = async (): Promise<void> => undefined;
    await removeMember(cluster, member);
    if (cut === undefined) {
      await until(20_000, `${member.name} ends because it was removed`, async () => !member.running);
      end = supervise(cluster, member, params.restartSeconds);
    }
    if (params.replaced) await join(cluster, spare);
    return fault(async () => {
      await end();
      await cut?.undo();
      await member.stop('SIGKILL');
      if (params.replaced) {
        await removeIfListed(cluster, spare);
        await spare.stop('SIGKILL');
        rmSync(spare.dataDir, { recursive: true, force: true });
      }
      // Its id is used up: it comes back as a new member, with nothing.
      const flags = member.flags;
      rmSync(member.dataDir, { recursive: true, force: true });
      await addMember(cluster, member, { via: othersOf(cluster, [member]) });
      await member.start({ flags: [...flags, '--initial-cluster-state=existing'] });
    });
  },
});
