import { setTimeout as sleep } from 'node:timers/promises';
import { runOk } from '../../../support/run.js';
import type { EtcdClient } from '../../../support/etcd-client.js';
import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { repeat } from '../repeat.js';
import { type Fault, fault } from '../types.js';
import { writeMany } from '../write-many.js';
import { makeCgroup, type OwnCgroup } from './cgroup.js';
import { anonymousBytes, limitMemory } from './memory-limit.js';
import { restartIn } from './restart-in.js';
import { starvedConsequences } from './starved.js';

const VALUE_BYTES = 32 * 1024;
const PREFIX = 'cold/';
const MIB = 1024 * 1024;

const keyOf = (turn: number): string => `${PREFIX}${String(turn).padStart(8, '0')}`;

/** One client that reads single keys of the member's own copy, all over the data. */
const readers = (cluster: Cluster, client: EtcdClient, count: number, keys: number) =>
  repeat(cluster, async (wait) => {
    const reads = Array.from({ length: count }, () => {
      const key = Buffer.from(keyOf(Math.floor(Math.random() * keys)));
      return client.call('Range', { key, serializable: true }, 10_000).catch(() => undefined);
    });
    await Promise.all(reads);
    await wait(10);
  });

/** The disk of a host is a file: a page that the host evicts would come back from the memory of the machine under it, at no cost. */
const withoutMachineCache = async (cluster: Cluster, member: Member): Promise<() => Promise<void>> => {
  const device = cluster.hosts?.[member.index]?.device;
  if (device === undefined) return async () => undefined;
  const direct = async (on: 'on' | 'off'): Promise<void> => {
    await runOk('losetup', [`--direct-io=${on}`, `/dev/${device}`]);
  };
  await direct('on');
  return () => direct('off');
};

/** The most that heap and stacks took in a while under the reads: the limit must lie above it, or the kernel kills. */
const peakOf = async (group: OwnCgroup): Promise<number> => {
  let peak = 0;
  for (let look = 0; look < 30; look += 1) {
    await sleep(200);
    peak = Math.max(peak, anonymousBytes(group));
  }
  return peak;
};

/**
 * Room for the heap and a little more: the pages of the database are evicted and read back all the time. The data are written and
 * read by the fault itself, because pressure needs more pages in use than there is room for.
 */
const press = async (
  cluster: Cluster,
  member: Member,
  { dataMb, roomMb, readsAtOnce }: { dataMb: number; roomMb: number; readsAtOnce: number },
): Promise<Fault> => {
  const keys = Math.ceil((dataMb * MIB) / VALUE_BYTES);
  const group = makeCgroup(cluster, member, 'memory', 'memory-pressure');
  const undo: (() => Promise<void>)[] = [group.remove];
  const takeBack = async (): Promise<void> => {
    for (const each of undo.splice(0).reverse()) await each();
  };
  try {
    const writer = await (await cluster.leader()).client();
    try {
      await writeMany(writer, { key: keyOf, valueBytes: VALUE_BYTES, bytes: dataMb * MIB });
    } finally {
      writer.close();
    }
    undo.push(await withoutMachineCache(cluster, member));
    await restartIn(cluster, member, group);
    const client = await member.client();
    undo.push(async () => client.close());
    const reading = readers(cluster, client, readsAtOnce, keys);
    undo.push(reading.stop);
    limitMemory(group, (await peakOf(group)) / MIB + roomMb);
    undo.push(async () => limitMemory(group, undefined));
  } catch (error) {
    await takeBack();
    throw error;
  }
  return fault(takeBack);
};

export default defineFault({
  name: 'memory-pressure',
  title: 'the cgroup of the member has room for the heap and hardly for pages of the database',
  params: {
    dataMb: { default: 96, about: 'MiB written into the database first' },
    roomMb: { default: 12, about: 'MiB left above heap and stacks' },
    readsAtOnce: { default: 16, about: 'single-key reads at a time, all over the data', strength: true },
  },
  on: 'member',
  // The restart inside the limit shall not read the data back into the heap as entries of the raft log.
  cluster: { flags: ['--snapshot-count=200'] },
  truth: {
    causes: ['memory-pressure-swap'],
    verdict: ['investigate'],
    also: starvedConsequences,
    fromOneNode: {
      causes: [],
      verdict: ['healthy', 'investigate', 'inconclusive'],
      subject: 'any',
      missing: 'memory counters of the node of the member: from outside it is a member that is somewhat late',
    },
  },
  apply: (cluster, members, values) => onEach(members, (member) => press(cluster, member, values)),
});
