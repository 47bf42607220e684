import { setTimeout as sleep } from 'node:timers/promises';
import type { EtcdClient } from '../../../support/etcd-client.js';
import type { Cluster } from '../../cluster/cluster-types.js';
import { FaultUnsupported } from '../types.js';
import { type Writing, writeMany } from '../write-many.js';

/** Start option of the faults that fill the quota: small, so that it is full within seconds. */
export const SMALL_QUOTA = `--quota-backend-bytes=${32 * 1024 * 1024}`;

const MAX_BYTES = 256 * 1024 * 1024;

/** Do something with a client of a running member, the leader where there is one. */
export async function withClient<T>(cluster: Cluster, act: (client: EtcdClient) => Promise<T>): Promise<T> {
  const leader = await cluster.leader().catch(() => undefined);
  const member = leader ?? cluster.members.find((each) => each.running);
  if (member === undefined) throw new Error('no member is running');
  const client = await member.client();
  try {
    return await act(client);
  } finally {
    client.close();
  }
}

/** Write until the quota refuses, then wait until every running member lists the alarm. */
export async function fillQuota(cluster: Cluster, what: string, writing: Omit<Writing, 'bytes'>): Promise<void> {
  await withClient(cluster, async (client) => {
    if ((await writeMany(client, { ...writing, bytes: MAX_BYTES })) !== 'refused')
      throw new FaultUnsupported(what, `no refusal after ${MAX_BYTES} bytes; the quota has to be smaller`);
    const deadline = Date.now() + 10_000;
    while ((await alarmsOf(client)).length === 0) {
      if (Date.now() > deadline) throw new Error('writes are refused, and no alarm was raised');
      await sleep(100);
    }
  });
}

/** Delete [prefix, prefix + 1) and compact to now. The pages are free, the file stays as large as it was. */
export async function deleteAndCompact(cluster: Cluster, client: EtcdClient, prefix: string): Promise<void> {
  const end = `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;
  const range = { key: Buffer.from(prefix), rangeEnd: Buffer.from(end) };
  const reply = await client.call('DeleteRange', range, 15_000);
  await compactTo(cluster, client, (reply.header as { revision: string }).revision);
}

/** Compact and wait until every running member has done it: the call waits for the one it is sent to at most. */
export async function compactTo(cluster: Cluster, client: EtcdClient, revision: string): Promise<void> {
  await client.call('Compact', { revision, physical: true }, 60_000);
  const done = new RegExp(`finished scheduled compaction.*"compact-revision":${revision}\\b`);
  const deadline = Date.now() + 60_000;
  for (const member of cluster.members.filter((each) => each.running)) {
    while (!done.test(await member.log())) {
      if (Date.now() > deadline) throw new Error(`${member.name} did not finish the compaction to ${revision}`);
      await sleep(200);
    }
  }
}

/** Rewrite the file of every running member, one after the other. */
export async function defragmentEach(cluster: Cluster): Promise<void> {
  for (const member of cluster.members.filter((each) => each.running)) {
    const client = await member.client();
    try {
      await client.call('Defragment', {}, 60_000);
    } finally {
      client.close();
    }
  }
}

export async function disarm(client: EtcdClient): Promise<void> {
  for (const { memberId, alarm } of await alarmsOf(client))
    await client.call('Alarm', { action: 'DEACTIVATE', memberId, alarm });
}

/** All of what the maintenance guide asks for, in its order. */
export async function reclaim(cluster: Cluster, prefix: string): Promise<void> {
  await withClient(cluster, async (client) => {
    await deleteAndCompact(cluster, client, prefix);
    await defragmentEach(cluster);
    await disarm(client);
  });
}

/** The rest of it, where space was freed already. */
export async function defragmentAndDisarm(cluster: Cluster): Promise<void> {
  await defragmentEach(cluster);
  await withClient(cluster, disarm);
}

type Alarm = { memberId: string; alarm: string };

async function alarmsOf(client: EtcdClient): Promise<Alarm[]> {
  const { alarms } = await client.call('Alarm', { action: 'GET', alarm: 'NONE' });
  return Array.isArray(alarms) ? (alarms as Alarm[]) : [];
}
