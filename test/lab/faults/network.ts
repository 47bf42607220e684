import type { Cluster } from '../cluster/cluster-types.js';
import type { LinkRule } from '../cluster/peer-proxy.js';
import { filterWire, othersOf } from './network/wire-filter.js';
import { type Fault, FaultUnsupported, fault } from './types.js';

/**
 * Delay everything between a member and its peers by `ms` (+- `jitterMs`) one way, in order; clients are not affected.
 * Needs a cluster started with `peerProxy`; the fault `net-delay` does the same in namespaces without it.
 */
export async function netDelay(
  cluster: Cluster,
  index: number,
  options: { ms: number; jitterMs?: number },
): Promise<Fault> {
  const rule = { delayMs: options.ms, jitterMs: options.jitterMs ?? 0 };
  return throughProxy(cluster, 'netDelay', index, rule);
}

/**
 * Cut a member off from its peers, silently: nothing is refused, nothing answers. Clients still reach it.
 * By packets in network namespaces, else through the relays of `peerProxy`.
 */
export async function partition(cluster: Cluster, index: number): Promise<Fault> {
  if (cluster.proxy !== undefined) return throughProxy(cluster, 'partition', index, { blackhole: true });
  return dropPackets(cluster, 'partition', index, 'counter drop');
}

/** Lose `pct` percent of a member's packets to and from its peers. Needs `netns` without `peerProxy`, root and nft. */
export async function netLoss(cluster: Cluster, index: number, options: { pct: number }): Promise<Fault> {
  if (cluster.proxy !== undefined)
    throw new FaultUnsupported('netLoss', 'the relays of peerProxy would hide lost packets');
  const verdict = `numgen random mod 1000 < ${Math.round(options.pct * 10)} counter drop`;
  return dropPackets(cluster, 'netLoss', index, verdict);
}

async function throughProxy(cluster: Cluster, name: string, index: number, rule: LinkRule): Promise<Fault> {
  const { proxy } = cluster;
  if (proxy === undefined) throw new FaultUnsupported(name, 'start the cluster with peerProxy: true');
  const setAll = async (value: LinkRule): Promise<void> => {
    for (const other of cluster.members) {
      if (other.index === index) continue;
      await proxy.set(index, other.index, value);
      await proxy.set(other.index, index, value);
    }
  };
  await setAll(rule);
  return fault(() => setAll({}));
}

async function dropPackets(cluster: Cluster, name: string, index: number, verdict: string): Promise<Fault> {
  const member = cluster.member(index);
  const others = othersOf(cluster, member);
  return filterWire(cluster, name, [
    { member, from: [`ip daddr ${others} ${verdict}`], to: [`ip saddr ${others} ${verdict}`] },
  ]);
}
