import type { Cluster } from '../cluster/cluster-types.js';
import { inNamespace } from '../cluster/netns.js';
import type { LinkRule } from '../cluster/peer-proxy.js';
import { runOk } from '../../support/run.js';
import { systemTool } from '../../support/tools.js';
import { type Fault, FaultUnsupported, fault } from './types.js';

/**
 * Delay everything between a member and its peers by `ms` (+- `jitterMs`) one way, in order; clients are not affected.
 * Needs a cluster started with `peerProxy`.
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
  return dropPackets(cluster, 'partition', index, '');
}

/** Lose `pct` percent of a member's packets to and from its peers. Needs `netns` without `peerProxy`, root and nft. */
export async function netLoss(cluster: Cluster, index: number, options: { pct: number }): Promise<Fault> {
  if (cluster.proxy !== undefined)
    throw new FaultUnsupported('netLoss', 'the relays of peerProxy would hide lost packets');
  return dropPackets(cluster, 'netLoss', index, `numgen random mod 1000 < ${Math.round(options.pct * 10)}`);
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

async function dropPackets(cluster: Cluster, name: string, index: number, condition: string): Promise<Fault> {
  const namespace = cluster.netns?.members[index]?.namespace;
  if (namespace === undefined) throw new FaultUnsupported(name, 'start the cluster with netns: true (as root)');
  const nft = await systemTool('nft', 'nftables');
  if (nft === undefined) throw new FaultUnsupported(name, 'nft is not installed');
  const peers = cluster.members.filter((member) => member.index !== index).map((member) => member.address);
  const table = `ev_${name.toLowerCase()}`;
  const rules = [
    `table inet ${table} {`,
    ` chain in { type filter hook input priority 0; ip saddr { ${peers.join(', ')} } ${condition} counter drop; }`,
    ` chain out { type filter hook output priority 0; ip daddr { ${peers.join(', ')} } ${condition} counter drop; }`,
    '}',
  ];
  const [command = '', ...args] = inNamespace(namespace, [nft, '-f', '-']);
  try {
    await runOk(command, args, { input: `${rules.join('\n')}\n` });
  } catch (error) {
    throw new FaultUnsupported(name, error instanceof Error ? error.message : String(error));
  }
  return fault(async () => {
    const [undo = '', ...undoArgs] = inNamespace(namespace, [nft, 'delete', 'table', 'inet', table]);
    await runOk(undo, undoArgs);
  });
}
