import { runOk } from '../../../support/run.js';
import { systemTool } from '../../../support/tools.js';
import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { inNamespace } from '../../cluster/netns.js';
import { FaultUnsupported } from '../types.js';
import { PEER_PORT } from './wire-filter.js';

/**
 * What ends all connections of these members with their peers at once, by reset, when called; it returns how many (0: the kernel
 * does not do that on request). Needs `netns` or `hosts`, root and ss.
 */
export async function connectionEnder(
  cluster: Cluster,
  members: readonly Member[],
  name: string,
): Promise<() => Promise<number>> {
  const ss = await systemTool('ss', 'iproute2');
  if (ss === undefined) throw new FaultUnsupported(name, 'ss is not installed');
  const commands = members.map((member) => {
    const namespace = cluster.netns?.members[member.index]?.namespace;
    if (namespace === undefined)
      throw new FaultUnsupported(name, 'start the cluster with netns or hosts: true (as root)');
    const which = `( sport = :${PEER_PORT} or dport = :${PEER_PORT} )`;
    return inNamespace(namespace, [ss, '--kill', '--tcp', '--no-header', 'state', 'established', which]);
  });
  return async () => {
    const said = await Promise.all(commands.map(([file = '', ...args]) => runOk(file, args)));
    return said.flatMap(({ stdout }) => stdout.split('\n').filter((line) => line.trim() !== '')).length;
  };
}
