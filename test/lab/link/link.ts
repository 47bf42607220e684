import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, runOk } from '../../support/run.js';
import type { Cluster, Member } from '../cluster/cluster-types.js';
import { type Program, startProgram } from '../cluster/member-process.js';
import { type Fault, FaultUnsupported, fault } from '../faults/types.js';
import { ensureLinkBinary } from './binary.js';

/** What happens to the packets of one direction. */
export type LinkWay = {
  /** Milliseconds on the way. */
  readonly delayMs?: number;
  /** More or less by up to this many milliseconds, evenly spread; order is kept. */
  readonly jitterMs?: number;
  readonly lossPct?: number;
  /** Capacity in kbit/s. */
  readonly rateKbit?: number;
  /** With a rate: what would have to wait longer than this many milliseconds is dropped; default 200. */
  readonly queueMs?: number;
};

/** Properties of the cable between a member and the switch. */
export type LinkSettings = {
  readonly fromMember?: LinkWay;
  readonly toMember?: LinkWay;
  /** Only TCP from and to the peer port is treated, so that clients do not notice. */
  readonly peersOnly: boolean;
};

/** What the program counted since it started. */
export type LinkCounters = Readonly<Record<'frames' | 'bytes' | 'treated' | 'lost' | 'overflow' | 'failed', number>>;

const PEER_PORT = 2380;
const QUEUE_MS = 200;

type Line = { readings: number; fromMember: LinkCounters; toMember: LinkCounters };

type Link = {
  /** Settings in force, oldest first; what a later one names wins. */
  readonly layers: LinkSettings[];
  readonly program: Program;
  readonly settingsFile: string;
  readonly outputFile: string;
  readonly veth: string;
  /** The end that is a port of the bridge in the place of `veth`. */
  readonly port: string;
  /** What the program reads and writes on that side. */
  readonly tail: string;
  readings: number;
};

/** What of a cluster and of a member a link is about. */
type Site = Pick<Cluster, 'lab' | 'netns' | 'proxy'>;
type End = Pick<Member, 'index' | 'name'>;

const links = new WeakMap<Site, Map<number, Promise<Link>>>();

/** The end of the link program that takes the place of a member's veth on the bridge; it exists only while a link is in use. */
export const linkPortOf = (veth: string): string => `${veth}p`;

/**
 * Give the cable of a member these properties, by a program that carries its packets between the member's veth and the bridge.
 * Connections survive; several settings on one member add up as far as they name different things. `undo` restores the direct way
 * once nobody has settings there. Needs `netns` or `hosts`, root and Go; throws `FaultUnsupported`.
 */
export async function useLink(
  cluster: Site,
  member: End,
  settings: LinkSettings,
  name: string,
): Promise<Fault & { counters: () => Promise<{ fromMember: LinkCounters; toMember: LinkCounters }> }> {
  const ofCluster = links.get(cluster) ?? new Map<number, Promise<Link>>();
  links.set(cluster, ofCluster);
  const known = ofCluster.get(member.index);
  const pending = known ?? insert(cluster, member, settings, name);
  ofCluster.set(member.index, pending);
  const link = await pending.catch((error: unknown) => {
    ofCluster.delete(member.index);
    throw error;
  });
  if (known !== undefined) {
    if (link.layers.some(({ peersOnly }) => peersOnly !== settings.peersOnly))
      throw new FaultUnsupported(name, `${member.name} has a link already that treats other packets`);
    link.layers.push(settings);
    await tell(link, merged(link.layers));
  }
  const taken = fault(async () => {
    link.layers.splice(link.layers.indexOf(settings), 1);
    if (link.layers.length > 0) {
      await tell(link, merged(link.layers));
      return;
    }
    ofCluster.delete(member.index);
    await remove(cluster, link, settings);
  });
  return {
    ...taken,
    counters: async () => {
      const { fromMember, toMember } = await tell(link, merged(link.layers));
      return { fromMember, toMember };
    },
  };
}

async function insert(cluster: Site, member: End, settings: LinkSettings, name: string): Promise<Link> {
  const { netns, lab } = cluster;
  const veth = netns?.members[member.index]?.veth;
  if (netns === undefined || veth === undefined)
    throw new FaultUnsupported(name, 'start the cluster with netns or hosts: true (as root)');
  if (cluster.proxy !== undefined && settings.peersOnly)
    throw new FaultUnsupported(name, 'with peerProxy the peers do not talk to the peer port itself');
  const binary = await ensureLinkBinary(name);
  const port = linkPortOf(veth);
  const tail = `${veth}q`;
  await hide(netns.bridge, veth);
  await runOk('ip', ['link', 'add', port, 'arp', 'off', 'type', 'veth', 'peer', 'name', tail]);
  lab.onEnd(`ip link del ${port}`);
  await runOk('ip', ['link', 'set', tail, 'arp', 'off', 'addrgenmode', 'none']);
  await runOk('ip', ['link', 'set', port, 'addrgenmode', 'none']);
  await runOk('ip', ['link', 'set', tail, 'up']);
  await runOk('ip', ['link', 'set', port, 'up']);
  const base = join(lab.dir, `m${member.index + 1}`, 'link');
  const settingsFile = `${base}.json`;
  const outputFile = `${base}.log`;
  await write(settingsFile, merged([settings]));
  await writeFile(outputFile, '');
  // A cable does not get slower because the processors are busy.
  const command = ['nice', '-n', '-15', binary, settingsFile, veth, tail];
  const program = startProgram(lab, command, { logFile: outputFile });
  const link: Link = { layers: [settings], program, settingsFile, outputFile, veth, port, tail, readings: 0 };
  try {
    await answer(link, 1);
    await swap(netns.bridge, veth, port);
  } catch (error) {
    await swap(netns.bridge, port, veth).catch(() => undefined);
    await end(link);
    throw error;
  }
  return link;
}

async function remove(cluster: Site, link: Link, last: LinkSettings): Promise<void> {
  const bridge = cluster.netns?.bridge;
  if (bridge === undefined) return;
  await tell(link, merged([]));
  // What is on its way arrives before the way is taken away.
  const onTheWay = [last.fromMember, last.toMember].map(
    (way) => (way?.delayMs ?? 0) + (way?.jitterMs ?? 0) + (way?.rateKbit === undefined ? 0 : (way.queueMs ?? QUEUE_MS)),
  );
  await sleep(Math.min(2000, 20 + Math.max(...onTheWay)));
  await swap(bridge, link.port, link.veth);
  await end(link);
}

/**
 * Once the veth is no port of the bridge any more, this machine must not take what arrives there for its own: no address requests,
 * and no packets to the bridge, which lends itself the lowest hardware address of its ports unless it is given one.
 */
async function hide(bridge: string, veth: string): Promise<void> {
  const addressOf = async (name: string) => (await readFile(`/sys/class/net/${name}/address`, 'utf8')).trim();
  const address = await addressOf(bridge);
  await runOk('ip', ['link', 'set', bridge, 'address', address]);
  if (address === (await addressOf(veth))) {
    const other = [0x02, ...randomBytes(5)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
    await runOk('ip', ['link', 'set', veth, 'address', other]);
  }
  await runOk('ip', ['link', 'set', veth, 'arp', 'off', 'addrgenmode', 'none']);
}

/** One port of the bridge takes the place of another, with as little time in between as one program run can. */
async function swap(bridge: string, out: string, into: string): Promise<void> {
  const input = `link set ${out} nomaster\nlink set ${into} master ${bridge}\n`;
  await runOk('ip', ['-batch', '-'], { input });
}

async function end(link: Link): Promise<void> {
  try {
    process.kill(link.program.pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
  // Waiting for its exit event alone would not keep this process alive.
  while (link.program.running()) await sleep(5);
  await run('ip', ['link', 'del', link.port]);
  await run('ip', ['link', 'set', link.veth, 'arp', 'on']);
}

function merged(layers: readonly LinkSettings[]): unknown {
  const port = layers.some(({ peersOnly }) => peersOnly) ? PEER_PORT : 0;
  const both = (pick: (layer: LinkSettings) => LinkWay | undefined) =>
    Object.assign({ queueMs: QUEUE_MS, port }, ...layers.map((layer) => pick(layer) ?? {})) as unknown;
  return { fromMember: both((layer) => layer.fromMember), toMember: both((layer) => layer.toMember) };
}

/** By rename: the program never reads half a file. */
async function write(path: string, settings: unknown): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify(settings));
  await rename(`${path}.new`, path);
}

async function tell(link: Link, settings: unknown): Promise<Line> {
  await write(link.settingsFile, settings);
  if (link.program.running()) process.kill(link.program.pid, 'SIGHUP');
  return answer(link, link.readings + 1);
}

/** The line the program writes after its `readings`th reading of the settings; throws after 5 s. */
async function answer(link: Link, readings: number): Promise<Line> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const text = await readFile(link.outputFile, 'utf8');
    for (const line of text.split('\n').filter((each) => each.startsWith('{'))) {
      const said = JSON.parse(line) as Line;
      if (said.readings < readings) continue;
      link.readings = said.readings;
      return said;
    }
    if (!link.program.running()) throw new Error(`the link program ended: ${text.trim()}`);
    if (Date.now() > deadline) throw new Error(`the link program says nothing: ${text.trim()}`);
    await sleep(10);
  }
}
