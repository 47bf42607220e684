import { join } from 'node:path';
import { runOk } from '../../../support/run.js';
import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { moveLeader } from '../move-leader.js';
import type { OwnCgroup } from './cgroup.js';

/**
 * Restart a member inside a memory cgroup: a page is charged to where the process is when it touches it first, so one that was
 * moved in later would have most of its memory outside. A leader gets the lead back.
 */
export async function restartIn(cluster: Cluster, member: Member, group: OwnCgroup): Promise<void> {
  const led = (await cluster.leader()) === member;
  await member.stop('SIGTERM');
  // Cached pages of the database stay charged to whoever read them first, too.
  await runOk('dd', [`if=${join(member.dataDir, 'member', 'snap', 'db')}`, 'iflag=nocache', 'count=0', 'status=none']);
  await member.start();
  group.enter(member.pid);
  await cluster.waitHealthy(30_000, [member.index]);
  if (led) await moveLeader(cluster, member);
}
