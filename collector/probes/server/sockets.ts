import { attempt, checkSameProcess, localOf, needsProcess } from '../../local-files.js';
import { runCommand, type RunCommand } from '../../ports/command.js';
import type { FilesPort } from '../../ports/files.js';
import { parseStat } from '../../ports/process.js';
import { defineProbe, type MemberTarget, type ProbeContext, ProbeError } from '../../probe.js';
import { parseSs, type SsSocket } from '../../ss-lines.js';
import { parseTcpTable, type SocketAddress, type TcpSocket } from '../../tcp-table.js';
import { parseUrls } from '../../targets/addresses.js';
import type { SocketsArtifact } from '../../../schemas/index.js';

type Group = SocketsArtifact['groups'][number];
type Peer = SocketsArtifact['peers'][number];
type Role = Group['role'];

/** Of each table; 150 bytes tell a socket, so this is some 50 000 of them. */
const MAX_TABLE_BYTES = 8 * 1024 * 1024;
const MAX_DESCRIPTORS = 20_000;
const MAX_PEERS = 200;
const MAX_REMOTES = 10;
const SS_MS = 1_500;
const SS_BYTES = 1024 * 1024;

const roles: readonly Role[] = ['client', 'peer-in', 'peer-out', 'metrics'];
const joined = ({ address, port }: SocketAddress): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
const pairOf = (local: SocketAddress, remote: SocketAddress): string => `${joined(local)} ${joined(remote)}`;

interface Scheme {
  readonly ports: SocketsArtifact['ports'];
  /** Ports on which peers listen. */
  readonly peerPorts: ReadonlySet<number>;
  /** Peer by `address` and by `address:port`; `''` where several share an address. */
  readonly peerAt: ReadonlyMap<string, string>;
}

const portsOf = (urls: string | undefined): number[] => [...new Set(parseUrls(urls ?? '').map(({ port }) => port))];

const schemeOf = (target: MemberTarget, members: readonly MemberTarget[]): Scheme => {
  const { settings } = localOf(target);
  const client = portsOf(settings['listen-client-urls']);
  const peer = portsOf(settings['listen-peer-urls']);
  const metrics = portsOf(settings['listen-metrics-urls']).filter((port) => !client.includes(port));
  const peerAt = new Map<string, string>();
  const peerPorts = new Set<number>();
  for (const member of members) {
    if (member.id === target.id) continue;
    for (const { host, port } of parseUrls(member.peerUrls.join(','))) {
      peerPorts.add(port);
      for (const key of [host.toLowerCase(), `${host.toLowerCase()}:${port}`]) {
        peerAt.set(key, peerAt.has(key) && peerAt.get(key) !== member.id ? '' : member.id);
      }
    }
  }
  return { ports: { client, peer, metrics }, peerPorts, peerAt };
};

const roleOf = (
  { ports, peerPorts }: Scheme,
  local: Pick<SocketAddress, 'port'>,
  remote: Pick<SocketAddress, 'port'>,
): Role | undefined => {
  if (ports.client.includes(local.port)) return 'client';
  if (ports.peer.includes(local.port)) return 'peer-in';
  if (ports.metrics.includes(local.port)) return 'metrics';
  return peerPorts.has(remote.port) ? 'peer-out' : undefined;
};

/** Inodes of the sockets that the process holds; undefined without the rights, or when there are too many to look at. */
const inodesOf = async (files: FilesPort, base: string): Promise<ReadonlySet<string> | undefined> => {
  const names = await attempt(files.list(`${base}/fd`));
  if (names === undefined || names.length > MAX_DESCRIPTORS) return undefined;
  const links = await Promise.all(names.map((name) => attempt(files.readLink(`${base}/fd/${name}`))));
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link ?? '')?.[1] ?? []));
};

const readTable = async (
  { files, signal }: ProbeContext<MemberTarget>,
  path: string,
  scheme: Scheme,
): Promise<{ readonly sockets: TcpSocket[]; readonly truncated: boolean }> => {
  const bytes = await files.readRange(path, 0, MAX_TABLE_BYTES, signal);
  const sockets = parseTcpTable(
    bytes.toString('latin1'),
    (local, remote) => roleOf(scheme, { port: local }, { port: remote }) !== undefined,
  );
  return { sockets, truncated: bytes.length >= MAX_TABLE_BYTES };
};

const groupOf = (role: Role, sockets: readonly TcpSocket[]): Group => {
  const states: Record<string, number> = {};
  const remotes = new Map<string, number>();
  for (const { state, remote } of sockets) {
    states[state] = (states[state] ?? 0) + 1;
    remotes.set(remote.address, (remotes.get(remote.address) ?? 0) + 1);
  }
  const sum = (pick: (socket: TcpSocket) => number): number =>
    sockets.reduce((total, socket) => total + pick(socket), 0);
  const most = (pick: (socket: TcpSocket) => number): number =>
    sockets.reduce((top, socket) => Math.max(top, pick(socket)), 0);
  const top = [...remotes].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, MAX_REMOTES);
  return {
    role,
    sockets: sockets.length,
    states,
    rxQueueBytes: sum(({ rxQueue }) => rxQueue),
    rxQueueMaxBytes: most(({ rxQueue }) => rxQueue),
    txQueueBytes: sum(({ txQueue }) => txQueue),
    txQueueMaxBytes: most(({ txQueue }) => txQueue),
    retransmitting: sockets.filter(({ retransmits }) => retransmits > 0).length,
    ...(role === 'client' && top.length > 0
      ? { topRemotes: top.map(([address, count]) => ({ address, sockets: count })) }
      : {}),
  };
};

/** ss sees our network namespace; in another one it is started through nsenter, which needs root. */
const askSs = async (
  { files, signal, timeoutMs }: ProbeContext<MemberTarget>,
  pid: number,
  { ports, peerPorts }: Scheme,
  run: RunCommand,
): Promise<{ readonly ss: SocketsArtifact['ss']; readonly sockets: readonly SsSocket[] }> => {
  const [own, theirs] = await Promise.all([
    attempt(files.readLink('/proc/self/ns/net')),
    attempt(files.readLink(`/proc/${pid}/ns/net`)),
  ]);
  const filter = [
    ...ports.peer.map((port) => `sport = :${port}`),
    ...[...peerPorts].map((port) => `dport = :${port}`),
  ].join(' or ');
  const args = ['-tinH', `( ${filter} )`];
  const [file, all] =
    own !== undefined && theirs !== undefined && own !== theirs
      ? ['nsenter', ['-t', String(pid), '-n', 'ss', ...args]]
      : ['ss', args];
  const options = { signal, timeoutMs: Math.min(SS_MS, timeoutMs / 2), maxBytes: SS_BYTES };
  try {
    const { stdout, cut } = await run(file, all, options);
    return { sockets: parseSs(stdout.toString('latin1')), ss: { state: cut ? 'cut' : 'ok' } };
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    const state = error.reason === 'file-missing' ? 'missing' : 'failed';
    return { sockets: [], ss: { state, message: error.message.slice(0, 300) } };
  }
};

/** Everything of one round; the command is handed in for tests. */
export const readSockets = async (
  context: ProbeContext<MemberTarget>,
  run: RunCommand = runCommand,
): Promise<SocketsArtifact> => {
  const { target, files, shared } = context;
  const local = localOf(target);
  const base = `/proc/${local.pid}`;
  const [stat] = files.readPseudo([`${base}/stat`]);
  checkSameProcess(local, parseStat(stat ?? '')?.startTicks);
  const scheme = schemeOf(target, shared.members);
  const tables = [await readTable(context, `${base}/net/tcp`, scheme)];
  // Absent where IPv6 is switched off.
  const six = await attempt(readTable(context, `${base}/net/tcp6`, scheme));
  if (six !== undefined) tables.push(six);
  const inodes = await inodesOf(files, base);
  const mine = tables
    .flatMap(({ sockets }) => sockets)
    // A socket without inode has left its process; its port still tells whose it was, but for one that was dialled.
    .filter(
      ({ inode, local: own }) => inodes === undefined || inodes.has(inode) || (inode === '0' && isOwnPort(scheme, own)),
    );
  const connections = mine.filter(({ state }) => state !== 'LISTEN');
  const peers = connections.filter((socket) => {
    const role = roleOf(scheme, socket.local, socket.remote);
    return (role === 'peer-in' || role === 'peer-out') && socket.state !== 'TIME_WAIT';
  });
  const { ss, sockets: known } =
    peers.length === 0
      ? { ss: { state: 'not-asked' as const }, sockets: [] }
      : await askSs(context, local.pid, scheme, run);
  const infos = new Map(known.map(({ local: own, remote, tcp }) => [pairOf(own, remote), tcp]));
  const truncated = tables.some((table) => table.truncated);
  return {
    ports: scheme.ports,
    attributedBy: inodes === undefined ? 'port' : 'inode',
    ...(truncated ? { truncated } : {}),
    groups: roles.flatMap((role) => {
      const own = connections.filter((socket) => roleOf(scheme, socket.local, socket.remote) === role);
      return own.length === 0 ? [] : [groupOf(role, own)];
    }),
    listeners: mine
      .filter(({ state }) => state === 'LISTEN')
      .map(({ local: own, rxQueue }) => ({ address: own.address, port: own.port, waiting: rxQueue })),
    peers: peers.slice(0, MAX_PEERS).map((socket): Peer => {
      const direction = roleOf(scheme, socket.local, socket.remote) === 'peer-in' ? 'in' : 'out';
      // What a peer dialled from has a port of its own.
      const key = direction === 'out' ? `${socket.remote.address}:${socket.remote.port}` : socket.remote.address;
      const memberId = scheme.peerAt.get(key);
      const tcp = infos.get(pairOf(socket.local, socket.remote));
      return {
        direction,
        ...(memberId !== undefined && /^[0-9a-f]{16}$/.test(memberId) ? { memberId } : {}),
        local: joined(socket.local),
        remote: joined(socket.remote),
        state: socket.state,
        rxQueueBytes: socket.rxQueue,
        txQueueBytes: socket.txQueue,
        retransmits: socket.retransmits,
        ...(tcp === undefined ? {} : { tcp }),
      };
    }),
    ss,
  };
};

const isOwnPort = ({ ports }: Scheme, { port }: SocketAddress): boolean =>
  ports.client.includes(port) || ports.peer.includes(port) || ports.metrics.includes(port);

export default defineProbe({
  kind: 'sockets',
  scope: 'member',
  title: 'TCP sockets of the local etcd process',
  reads:
    'states and queues of its client and peer connections; round-trip time and retransmissions of peers where ss is installed',
  permission: 'anyone for the queues; root or the user of etcd to tell members of one host apart',
  impact: 'read-only',
  cost: 'moderate',
  phase: 'round',
  appliesTo: needsProcess,
  source: ({ local }) => `/proc/${local?.pid ?? '<pid>'}/net/{tcp,tcp6} and ss -tinH`,
  run: async (context) => {
    const content = await readSockets(context);
    const { ss, truncated } = content;
    const missing = ss.state === 'ok' || ss.state === 'not-asked' ? undefined : (ss.message ?? `ss: ${ss.state}`);
    const message = [
      ...(truncated === true ? ['the table of sockets was cut'] : []),
      ...(missing === undefined ? [] : [missing]),
    ].join('; ');
    // Without ss the queues and states are whole: nothing is wrong with the host or the run.
    const partial = truncated === true || ss.state === 'cut' || ss.state === 'failed';
    return {
      state: partial ? 'partial' : 'ok',
      ...(partial
        ? { reason: truncated === true || ss.state === 'cut' ? ('size-cap' as const) : ('unexpected' as const) }
        : {}),
      ...(message === '' ? {} : { message }),
      source: `/proc/${context.target.local?.pid ?? ''}/net/{tcp,tcp6}${ss.state === 'ok' ? ' and ss -tinH' : ''}`,
      parts: [{ content }],
    };
  },
});
