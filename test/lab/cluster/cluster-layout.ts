import { randomInt } from 'node:crypto';
import type { ClusterOptions } from './cluster-types.js';
import type { NetnsLab } from './netns.js';
import { freePort, type Lane } from './peer-proxy.js';

/** Addresses and ports of a cluster. */
export type Layout = {
  scheme: 'http' | 'https';
  /** Those of the initial cluster come first, `spares` of them behind. */
  members: readonly MemberLayout[];
  spares: number;
  /** Set when relays stand in front of the peer ports. */
  lanes?: readonly Lane[];
  /** Names and addresses that every certificate has to carry, besides the member's own address. */
  certificateHosts: readonly string[];
};

export type MemberLayout = {
  address: string;
  clientPort: number;
  peerPort: number;
  metricsPort?: number;
  advertisedPeer: { address: string; port: number };
};

/** Choose addresses and free ports: 10.77.x.y with namespaces, otherwise an address of 127/8 per member. `size` includes the spares. */
export async function planLayout(size: number, options: ClusterOptions, netns?: NetnsLab): Promise<Layout> {
  const prefix = netns?.prefix ?? `127.${randomInt(16, 250)}.${randomInt(0, 256)}`;
  const wantsMetrics = options.metricsUrls ?? options.tls === 'mtls';
  const relayAddress = netns?.hostAddress ?? `${prefix}.254`;
  const members: MemberLayout[] = [];
  const lanes: Lane[] = [];
  const taken = new Set<string>();
  // A port that was free stays free for us only by luck; the address of its own makes that luck nearly certain.
  const portOn = async (address: string): Promise<number> => {
    for (;;) {
      const port = await freePort(address);
      if (taken.has(`${address}:${port}`)) continue;
      taken.add(`${address}:${port}`);
      return port;
    }
  };
  for (let index = 0; index < size; index += 1) {
    const own = netns?.members[index];
    const address = own?.address ?? `${prefix}.${index + 1}`;
    // Inside a namespace nobody else listens, so the well-known ports are free.
    const clientPort = own === undefined ? await portOn(address) : 2379;
    const peerPort = own === undefined ? await portOn(address) : 2380;
    const metricsPort = own === undefined ? await portOn(address) : 2381;
    let advertisedPeer = { address, port: peerPort };
    if (options.peerProxy === true) {
      advertisedPeer = { address: relayAddress, port: await portOn(relayAddress) };
      const lane = {
        listenAddress: relayAddress,
        listenPort: advertisedPeer.port,
        targetAddress: address,
        targetPort: peerPort,
      };
      lanes.push(own === undefined ? lane : { ...lane, sourceAddress: address });
    }
    members.push({ address, clientPort, peerPort, advertisedPeer, ...(wantsMetrics ? { metricsPort } : {}) });
  }
  return {
    scheme: options.tls === 'mtls' ? 'https' : 'http',
    members,
    spares: options.spares ?? 0,
    ...(lanes.length > 0 ? { lanes } : {}),
    certificateHosts: ['localhost', '127.0.0.1', relayAddress],
  };
}
