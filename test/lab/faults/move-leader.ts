import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Member } from '../cluster/cluster-types.js';

/** Hand the lead to a member, as `etcdctl move-leader` does, and wait until all agree; throws when they do not within 10 s. */
export async function moveLeader(cluster: Cluster, to: Member): Promise<void> {
  const from = await cluster.leader();
  if (from === to) return;
  const client = await from.client();
  try {
    await client.call('MoveLeader', { targetId: BigInt(`0x${to.id}`).toString() });
  } finally {
    client.close();
  }
  const deadline = Date.now() + 10_000;
  while ((await cluster.leader()) !== to) {
    if (Date.now() > deadline) throw new Error(`${to.name} did not become leader`);
    await sleep(100);
  }
}
