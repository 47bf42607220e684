import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runOk } from '../../../../support/run.js';
import type { Cluster, Member } from '../../../cluster/cluster-types.js';
import { onEach } from '../../all-of.js';
import { supervise } from '../../lifecycle/supervise.js';
import { type Fault, fault } from '../../types.js';

export const restartParam = {
  default: 0,
  about: 'seconds after which a service manager starts it again, whenever it ends; 0: it stays as it is',
} as const;

export interface Damage {
  /** Default SIGTERM. */
  readonly stopWith?: 'SIGTERM' | 'SIGKILL';
  readonly restartSeconds?: number;
  /** What is done to the files of the stopped member. */
  readonly act: (member: Member) => Promise<void> | void;
}

/** How long a member that cannot live on its data needs to find out, at most. */
const SETTLED_MS = 10_000;

/**
 * Stop each member, damage its files, start it again: it may end at once. Undo puts the files back as they were before, unless
 * the member lives: then it has gone on, and its older files would lie.
 */
export function damageOffline(cluster: Cluster, members: readonly Member[], damage: Damage): Promise<Fault> {
  return onEach(members, async (member) => {
    await member.stop(damage.stopWith ?? 'SIGTERM');
    const before = await copyAside(cluster, member);
    await damage.act(member);
    await member.start();
    await untilSettled(cluster, member);
    const end = supervised(cluster, member, damage.restartSeconds ?? 0);
    return fault(async () => {
      await end();
      if (member.running && (await serves(cluster, member))) return;
      await member.stop('SIGKILL');
      rmSync(member.dataDir, { recursive: true, force: true });
      await copyTree(before, member.dataDir);
      await member.start();
    });
  });
}

const supervised = (cluster: Cluster, member: Member, seconds: number): (() => Promise<void>) =>
  seconds > 0 ? supervise(cluster, member, seconds) : async () => undefined;

async function copyAside(cluster: Cluster, member: Member): Promise<string> {
  const copy = `${cluster.lab.dir}/${member.name}-before`;
  rmSync(copy, { recursive: true, force: true });
  await copyTree(member.dataDir, copy);
  return copy;
}

async function copyTree(from: string, to: string): Promise<void> {
  // A WAL segment is mostly a reserve.
  await runOk('cp', ['-a', '--sparse=always', from, to]);
}

/** Until the member has ended or serves. */
async function untilSettled(cluster: Cluster, member: Member): Promise<void> {
  const deadline = Date.now() + SETTLED_MS;
  while (member.running && Date.now() < deadline) {
    if (await serves(cluster, member)) return;
    await sleep(100);
  }
}

const serves = (cluster: Cluster, member: Member): Promise<boolean> =>
  cluster.waitHealthy(500, [member.index]).then(
    () => true,
    () => false,
  );
