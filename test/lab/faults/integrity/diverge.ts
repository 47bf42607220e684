import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { disarm, withClient } from '../quota/space.js';
import { deadMemberConsequences } from '../storage/support/truths.js';
import { type Fault, fault } from '../types.js';

/** Flip the lowest bit of the last byte of each occurrence; bbolt keeps no checksum over data pages. Returns how many. */
async function alterBytes(path: string, marker: string): Promise<number> {
  const data = await readFile(path);
  const handle = await open(path, 'r+');
  let changed = 0;
  try {
    for (let at = data.indexOf(marker); at >= 0; at = data.indexOf(marker, at + 1)) {
      const last = at + marker.length - 1;
      await handle.write(Buffer.from([(data[last] ?? 0) ^ 1]), 0, 1, last);
      changed += 1;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return changed;
}

const altered = (marker: string): string =>
  marker.slice(0, -1) + String.fromCharCode(marker.charCodeAt(marker.length - 1) ^ 1);

const databaseOf = (member: Member): string => join(member.dataDir, 'member', 'snap', 'db');

export interface DivergeOptions {
  /** Flags of the member when it starts on its altered data. */
  readonly flags?: readonly string[];
  /** Default true; a member that checks itself at the start may refuse to. */
  readonly waitHealthy?: boolean;
}

/**
 * Stop a member, change one value inside its database file, start it again: it serves data that differ from the others', nothing
 * is logged, only HashKV tells. Undo stops it, changes the value back and starts it with the flags it had.
 */
export async function diverge(
  cluster: Cluster,
  index: number,
  options: DivergeOptions = {},
): Promise<Fault & { key: string }> {
  const member = cluster.member(index);
  const { flags } = member;
  const key = `diverge/${Date.now()}`;
  const marker = `value-${process.pid}-${Date.now()}-${Math.random().toString(36).slice(2)}`;
  await withClient(cluster, (client) => client.call('Put', { key: Buffer.from(key), value: Buffer.from(marker) }));
  // A backend commits every 100 ms at the latest; the member has to have applied the put, too.
  await sleep(500);
  await member.stop('SIGTERM');
  const changed = await alterBytes(databaseOf(member), marker);
  await member.start({ flags: options.flags ?? flags });
  if (changed === 0) throw new Error(`the value was not found in the database of ${member.name}`);
  if (options.waitHealthy !== false) await cluster.waitHealthy();
  const { undo } = fault(async () => {
    await member.stop('SIGTERM');
    await alterBytes(databaseOf(member), altered(marker));
    await member.start({ flags });
  });
  return { key, undo };
}

const before36 = (member: Member): boolean => /^3\.[45]\./.test(member.version);

/** etcd's periodic check, by the leader; its flag left the experimental ones with 3.6. */
const periodicCheck = (everyS: number) => (member: Member) =>
  `--${before36(member) ? 'experimental-' : ''}corrupt-check-time=${everyS}s`;

/** The check that a member makes of itself at its start; a feature gate since 3.6. */
const initialCheck = (member: Member): string =>
  before36(member) ? '--experimental-initial-corrupt-check=true' : '--feature-gates=InitialCorruptCheck=true';

/** Start every member again with a flag more, the leader last, as an operator would. Returns what takes it back. */
async function turnOn(cluster: Cluster, flag: (member: Member) => string): Promise<() => Promise<void>> {
  const leader = await cluster.leader();
  const order = [...cluster.members.filter((member) => member !== leader), leader];
  const before = new Map(order.map((member) => [member, member.flags]));
  const restart = async (flagsOf: (member: Member) => readonly string[]): Promise<void> => {
    for (const member of order) {
      await member.stop('SIGTERM');
      await member.start({ flags: flagsOf(member) });
      await cluster.waitHealthy(30_000, [member.index]);
    }
  };
  await restart((member) => [...member.flags, flag(member)]);
  return () => restart((member) => before.get(member) ?? []);
}

const alarmed = (cluster: Cluster): Promise<boolean> =>
  withClient(cluster, async (client) => {
    const { alarms } = await client.call('Alarm', { action: 'GET', alarm: 'NONE' });
    return Array.isArray(alarms) && alarms.length > 0;
  });

export default defineFault({
  name: 'diverge',
  title: 'one value in the database of the member is another than on the others',
  params: {
    check: {
      default: 'none',
      about:
        "etcd's own check: none; initial: the member checks itself when it starts on the altered data; time: the leader checks all, and the fault waits for the alarm",
    },
    everyS: { default: 5, about: 'seconds between the checks of `time`' },
  },
  on: 'member',
  truth: {
    causes: ['data-inconsistency-between-members'],
    verdict: ['intervene-now'],
    also: deadMemberConsequences,
  },
  apply: async (cluster, members, { check, everyS }) => {
    if (!['none', 'initial', 'time'].includes(check))
      throw new Error(`diverge: check is none, initial or time, not ${check}`);
    const turnOff = check === 'time' ? await turnOn(cluster, periodicCheck(everyS)) : async () => undefined;
    const done = await onEach(members, (member) =>
      check === 'initial'
        ? diverge(cluster, member.index, {
            flags: [...member.flags, initialCheck(member)],
            waitHealthy: false,
          })
        : diverge(cluster, member.index),
    );
    if (check === 'time') {
      const deadline = Date.now() + 60_000;
      while (!(await alarmed(cluster))) {
        if (Date.now() > deadline) throw new Error('no check has raised the alarm');
        await sleep(500);
      }
    }
    return fault(async () => {
      await done.undo();
      await turnOff();
      if (check === 'time') await withClient(cluster, disarm);
    });
  },
});
