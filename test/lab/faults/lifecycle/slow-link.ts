import { runOk } from '../../../support/run.js';
import { systemTool } from '../../../support/tools.js';
import type { Cluster } from '../../cluster/cluster-types.js';
import { type Fault, FaultUnsupported, fault } from '../types.js';

/** Let no more than `kbit` kbit/s through towards a member, whoever sends it. Needs `netns`, root and tc. */
export async function slowLink(cluster: Cluster, index: number, kbit: number): Promise<Fault> {
  const veth = cluster.netns?.members[index]?.veth;
  if (veth === undefined) throw new FaultUnsupported('slow-link', 'start the cluster with netns: true (as root)');
  const tc = await systemTool('tc', 'iproute2');
  if (tc === undefined) throw new FaultUnsupported('slow-link', 'tc is not installed');
  const rate = ['rate', `${kbit}kbit`, 'burst', '4kb', 'latency', '2s'];
  await runOk(tc, ['qdisc', 'add', 'dev', veth, 'root', 'tbf', ...rate]);
  return fault(async () => {
    await runOk(tc, ['qdisc', 'del', 'dev', veth, 'root']);
  });
}
