import { defineFault } from '../../fault.js';
import { eachMember } from '../lifecycle/each-member.js';
import { supervise } from '../lifecycle/supervise.js';
import { fault } from '../types.js';
import { neighbour, runLine } from './lines.js';

/**
 * What happens depends on the line: a 3.7 in a cluster of 3.5 panics over what 3.5 writes; a 3.6 in a cluster of 3.4 writes what makes
 * every 3.4 panic, now and whenever it starts again, so that an undo cannot bring those back.
 */
export default defineFault({
  name: 'skipped-minor',
  title: 'A member was upgraded by two minor releases at once',
  params: { restartSeconds: { default: 3, about: 'seconds between the end of a process and its next start' } },
  on: 'member',
  truth: {
    causes: ['version-skew', 'downgrade-or-storage-version-blocked', 'crash-loop'],
    // One of three voters is gone at the least.
    verdict: ['intervene-now'],
    subject: 'any',
    also: {
      'dead-member-in-list': 'members end at the start, again and again',
      'upgrade-36-membership-drift': 'a 3.5 below 3.5.26 was left behind',
      'quorum-lost': 'from 3.4 to 3.6 it is the others that end',
    },
    fromOneNode: {
      causes: ['version-skew', 'dead-member-in-list', 'crash-loop', 'quorum-lost'],
      verdict: ['intervene-now'],
      subject: 'any',
      missing: 'why a member does not stay up stands in the log on its own node',
    },
  },
  apply: async (cluster, members, { restartSeconds }) => {
    const upgraded = await eachMember(members, (member) => runLine(member, neighbour(cluster.binaries.line, 2)));
    const ends = cluster.members.map((member) => supervise(cluster, member, restartSeconds));
    return fault(async () => {
      for (const end of ends) await end();
      await upgraded.undo();
      for (const member of cluster.members) if (!member.running) await member.start();
    });
  },
});
