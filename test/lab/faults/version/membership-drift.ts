import { rmSync } from 'node:fs';
import { defineFault } from '../../fault.js';
import { join, othersOf, removeIfListed, spareOf, until } from '../lifecycle/membership.js';
import { supervise } from '../lifecycle/supervise.js';
import { FaultUnsupported, fault } from '../types.js';
import { runLine } from './lines.js';

/** The patch of 3.5 from which a promotion is stored so that a 3.6 finds it. */
const FIXED_PATCH = 20;

export default defineFault({
  name: 'membership-drift',
  title: 'Two learners were promoted on an early 3.5, and the first member that is upgraded to 3.6 does not start',
  params: { restartSeconds: { default: 2, about: 'seconds between the end of the process and its next start' } },
  on: 'member',
  cluster: { spares: 2 },
  truth: {
    causes: ['upgrade-36-membership-drift'],
    // Four of five voters run; the next member that is upgraded ends the same way.
    verdict: ['intervene-now', 'investigate'],
    also: {
      'crash-loop': 'it ends at the start and is started again every few seconds',
      'dead-member-in-list': 'a listed voter does not run',
      'version-skew': 'the upgrade has begun',
    },
    fromOneNode: {
      causes: ['dead-member-in-list'],
      verdict: ['intervene-now', 'investigate'],
      missing: 'why it does not start stands in the log on its own node',
    },
  },
  apply: async (cluster, members, { restartSeconds }) => {
    const { version } = cluster.binaries;
    const [, minor, patch] = version.split('.').map(Number);
    if (minor !== 5 || (patch ?? 0) >= FIXED_PATCH)
      throw new FaultUnsupported('membership-drift', `it takes a 3.5 before 3.5.${FIXED_PATCH}, this is ${version}`);
    const [member] = members;
    if (member === undefined) throw new Error('membership-drift needs a member');
    const joined = [spareOf(cluster, 'membership-drift'), spareOf(cluster, 'membership-drift', 1)];
    for (const spare of joined) {
      await join(cluster, spare, { learner: true });
      await until(20_000, `${spare.name} is promoted`, async () => {
        await cluster.etcdctl(['member', 'promote', spare.id.replace(/^0+/, '')], { via: [await cluster.leader()] });
        return true;
      });
    }
    const putBack = await runLine(member, '3.6');
    await until(20_000, `${member.name} refuses to start`, async () => !member.running);
    const end = supervise(cluster, member, restartSeconds);
    return fault(async () => {
      await end();
      await putBack();
      await cluster.waitHealthy(
        30_000,
        othersOf(cluster, []).map(({ index }) => index),
      );
      for (const spare of joined) {
        await removeIfListed(cluster, spare);
        await spare.stop('SIGKILL');
        rmSync(spare.dataDir, { recursive: true, force: true });
      }
    });
  },
});
