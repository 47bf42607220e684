import { runOk } from '../../support/run.js';
import type { Lab } from './lab.js';
import { isRoot, onPath } from '../../support/tools.js';

/** One network namespace per member on a bridge; the host's side of the bridge has an address too. */
export type NetnsLab = { prefix: string; bridge: string; hostAddress: string; members: readonly NetnsMember[] };
/** `veth`: this machine's end of the member's link; what it sends there is what the member receives. */
export type NetnsMember = { namespace: string; address: string; veth: string };

/** Why this process cannot make network namespaces, or undefined. */
export function netnsObstacle(): string | undefined {
  if (!isRoot()) return 'network namespaces need root';
  for (const tool of ['ip', 'nsenter']) {
    if (onPath(tool) === undefined) return `the ${tool} command is not on PATH`;
  }
  return undefined;
}

/**
 * Build the namespaces of a lab of `size` members: addresses 10.77.<n>.11 and up, the host at 10.77.<n>.254.
 * <n> is claimed through the bridge's name, so labs running at the same time never share a prefix.
 */
export async function createNetns(lab: Lab, size: number): Promise<NetnsLab> {
  const obstacle = netnsObstacle();
  if (obstacle !== undefined) throw new Error(obstacle);
  const net = await claimPrefix(lab);
  const bridge = `evbr${net}`;
  const prefix = `10.77.${net}`;
  const hostAddress = `${prefix}.254`;
  await ip('addr', 'add', `${hostAddress}/24`, 'dev', bridge);
  await ip('link', 'set', bridge, 'up');
  const members: NetnsMember[] = [];
  for (let index = 0; index < size; index += 1) {
    members.push(await addMember(lab, bridge, net, prefix, index));
  }
  return { prefix, bridge, hostAddress, members };
}

/** Command and arguments that run a program inside the namespace, in place (same pid, same mounts). */
export function inNamespace(namespace: string, command: readonly string[]): string[] {
  return ['nsenter', `--net=/run/netns/${namespace}`, '--', ...command];
}

async function addMember(lab: Lab, bridge: string, net: number, prefix: string, index: number): Promise<NetnsMember> {
  const namespace = `ev${net}-m${index + 1}`;
  const address = `${prefix}.${11 + index}`;
  const outer = `ev${net}v${index + 1}`;
  await ip('netns', 'add', namespace);
  lab.onEnd(`ip netns del ${namespace}`);
  await ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
  lab.onEnd(`ip link del ${outer}`);
  await ip('link', 'set', outer, 'master', bridge);
  await ip('link', 'set', outer, 'up');
  await ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
  await ip('-n', namespace, 'link', 'set', 'eth0', 'up');
  await ip('-n', namespace, 'link', 'set', 'lo', 'up');
  // Packets are to be dropped one by one: without this a rule would see bundles of up to 64 KiB.
  await ip('link', 'set', outer, 'gso_max_segs', '1').catch(() => undefined);
  await ip('-n', namespace, 'link', 'set', 'eth0', 'gso_max_segs', '1').catch(() => undefined);
  return { namespace, address, veth: outer };
}

async function claimPrefix(lab: Lab): Promise<number> {
  const start = Math.floor(Math.random() * 250);
  let last: unknown;
  for (let step = 0; step < 250; step += 1) {
    const net = 1 + ((start + step) % 250);
    try {
      await ip('link', 'add', `evbr${net}`, 'type', 'bridge');
      lab.onEnd(`ip link del evbr${net}`);
      return net;
    } catch (error) {
      last = error;
      if (!String(error).includes('File exists')) break;
    }
  }
  throw last;
}

async function ip(...args: string[]): Promise<void> {
  await runOk('ip', args);
}
