import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { repeat } from '../repeat.js';
import { type Fault, fault } from '../types.js';
import { writeMany } from '../write-many.js';
import { makeCgroup, type OwnCgroup } from './cgroup.js';
import { anonymousBytes, killsIn, limitMemory } from './memory-limit.js';
import { restartIn } from './restart-in.js';

const MIB = 1024 * 1024;
const VALUE_BYTES = 64 * 1024;
const PREFIX = 'listed/';

/** A client that lists the prefix whole, from the member's own copy; while the member is away it tries again. */
const lister = (cluster: Cluster, member: Member, everyMs: number) =>
  repeat(cluster, async (wait) => {
    if (member.running) {
      const client = await member.client();
      const range = { key: Buffer.from(PREFIX), rangeEnd: Buffer.from('listed0'), serializable: true };
      await client.call('Range', range, 10_000).catch(() => undefined);
      client.close();
    }
    await wait(everyMs);
  });

/** As a container runtime does: what ended is started again, in the same cgroup. */
const supervisor = (cluster: Cluster, member: Member, group: OwnCgroup) =>
  repeat(cluster, async (wait) => {
    if (!member.running && (await wait(1_000)) && !member.running) {
      await member.start();
      group.enter(member.pid);
    }
    await wait(200);
  });

const starve = async (
  cluster: Cluster,
  member: Member,
  { roomMb, listMb, everyMs, restart }: { roomMb: number; listMb: number; everyMs: number; restart: boolean },
): Promise<Fault> => {
  const group = makeCgroup(cluster, member, 'memory', 'oom-kill');
  const undo: (() => Promise<void>)[] = [group.remove];
  const takeBack = async (): Promise<void> => {
    for (const each of undo.splice(0).reverse()) await each();
  };
  try {
    await restartIn(cluster, member, group);
    undo.push(async () => {
      // One that the kernel picked just before the limit was lifted is about to end.
      await sleep(1_000);
      if (!member.running) await member.start();
    });
    const client = await member.client();
    try {
      await writeMany(client, {
        key: (turn) => `${PREFIX}${turn}`,
        valueBytes: VALUE_BYTES,
        bytes: listMb * MIB,
      });
    } finally {
      client.close();
    }
    limitMemory(group, anonymousBytes(group) / MIB + roomMb);
    undo.push(async () => limitMemory(group, undefined));
    if (restart) undo.push(supervisor(cluster, member, group).stop);
    const listing = lister(cluster, member, everyMs);
    undo.push(listing.stop);
    const deadline = Date.now() + 30_000;
    while (killsIn(group) === 0) {
      if (Date.now() > deadline) throw new Error('the kernel killed nothing within 30 s');
      await sleep(100);
    }
  } catch (error) {
    await takeBack();
    throw error;
  }
  return fault(takeBack);
};

export default defineFault({
  name: 'oom-kill',
  title: 'a memory limit below what a list of the data takes: the kernel kills the member',
  params: {
    roomMb: { default: 16, about: 'MiB left above heap and stacks' },
    listMb: { default: 48, about: 'MiB of data that a client lists whole' },
    everyMs: { default: 5000, about: 'milliseconds between two lists' },
    restart: { default: false, about: 'whether it is started again, with the same limit' },
  },
  on: 'member',
  truth: {
    causes: ['oom-killed'],
    // It stays dead: no spare is left.
    verdict: ['intervene-now'],
    also: { 'dead-member-in-list': 'the killed member is not started again' },
    fromOneNode: {
      causes: ['dead-member-in-list', 'oom-killed'],
      verdict: ['intervene-now'],
      missing: 'kernel log of the node of the dead member: from outside it is gone, nothing says why',
    },
  },
  apply: (cluster, members, values) => onEach(members, (member) => starve(cluster, member, values)),
});
