import type { SocketsArtifact } from '../../../schemas/index.js';
import { defineFact, observed } from '../../fact.js';
import { growth, readAll, spanOf } from '../access.js';
import type { PeerSockets, Sockets } from '../values/index.js';

type Peer = SocketsArtifact['peers'][number];

/** A connection that sent nothing for longer keeps the round trip of its handshake; etcd's streams beat every 1.7 s (rafthttp). */
const FRESH_MS = 5000;

const keyOf = (peer: Peer): string => `${peer.local} ${peer.remote}`;
const least = (list: readonly number[]): number => (list.length === 0 ? 0 : Math.min(...list));
const sum = (list: readonly number[]): number => list.reduce((total, value) => total + value, 0);

/** A round in which a busy host was slow does not make a long way; a way that is long is so in most rounds. */
const upperMedian = (list: readonly number[]): number | null =>
  [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? null;

const rttOf = (round: readonly Peer[]): number | null => {
  const known = round.flatMap(({ state, tcp }) =>
    state === 'ESTABLISHED' && tcp?.rttMs !== undefined && (tcp.lastSendMs ?? 0) <= FRESH_MS ? [tcp.rttMs] : [],
  );
  return known.length === 0 ? null : Math.min(...known);
};

const peerOf = (peer: string, rounds: readonly SocketsArtifact[], tcpInfo: boolean): PeerSockets => {
  const each = rounds.map((round) => round.peers.filter(({ memberId }) => memberId === peer));
  const first = each[0] ?? [];
  const last = each.at(-1) ?? [];
  const before = new Map(first.map((connection) => [keyOf(connection), connection]));
  const grown = (
    pick: (tcp: NonNullable<Peer['tcp']>) => string,
    connections: readonly Peer[] = last,
  ): number | null => {
    if (!tcpInfo || rounds.length < 2) return null;
    const list = connections.map((connection) => {
      const earlier = before.get(keyOf(connection))?.tcp;
      return connection.tcp === undefined
        ? null
        : growth(pick(connection.tcp), earlier === undefined ? '0' : pick(earlier));
    });
    return list.includes(null) ? null : sum(list.flatMap((value) => value ?? []));
  };
  const present = new Set(last.map(keyOf));
  const trips = each.map(rttOf);
  const mtus = last.flatMap(({ tcp }) => tcp?.pmtu ?? []);
  return {
    peer,
    established: last.filter(({ state }) => state === 'ESTABLISHED').length,
    diallingRounds: each.filter((round) => round.some(({ state }) => state === 'SYN_SENT')).length,
    // Absent counts are zero to ss; without segments sent the kernel does not give this count at all.
    segmentsOut: grown((tcp) => tcp.segmentsOut ?? 'unknown'),
    resent: grown((tcp) => String(tcp.retransTotal ?? 0)),
    receivedOverOwnCalls: grown(
      (tcp) => tcp.bytesReceived ?? '0',
      last.filter((connection) => connection.direction === 'out' && before.has(keyOf(connection))),
    ),
    steady: first.every((connection) => present.has(keyOf(connection))),
    timeouts: Math.max(0, ...each.flat().map(({ retransmits }) => retransmits)),
    rttMs: trips.includes(null) ? null : upperMedian(trips.flatMap((trip) => trip ?? [])),
    unreadBytes: least(each.map((round) => sum(round.map(({ rxQueueBytes }) => rxQueueBytes)))),
    unackedBytes: least(each.map((round) => sum(round.map(({ txQueueBytes }) => txQueueBytes)))),
    pmtu: mtus.length === 0 ? null : Math.min(...mtus),
  };
};

export default defineFact({
  scope: 'member',
  id: 'sockets',
  title: 'TCP connections of the member: queues, round trips and retransmissions to peers',
  artifacts: ['sockets'],
  derive: (ctx) => {
    const read = readAll(ctx.case, 'sockets', ctx.id);
    if (!read.ok) return read;
    const span = spanOf(read.value);
    const rounds = (span?.all ?? read.value.slice(-1)).map(({ value }) => value);
    const last = rounds.at(-1) ?? read.value[0].value;
    const first = rounds[0] ?? last;
    const tcpInfo = [first, last].every(({ ss }) => ss.state === 'ok');
    const peers = [...new Set(rounds.flatMap((round) => round.peers.flatMap(({ memberId }) => memberId ?? [])))].sort();
    const group = (round: SocketsArtifact, ...roles: readonly string[]): SocketsArtifact['groups'] =>
      round.groups.filter(({ role }) => roles.includes(role));
    const leastOf = (pick: (round: SocketsArtifact) => number): number => least(rounds.map(pick));
    const value: Sockets = {
      rounds: rounds.length,
      seconds: span?.seconds ?? null,
      own: rounds.every(({ attributedBy }) => attributedBy === 'inode'),
      tcpInfo,
      peers: peers.map((peer) => peerOf(peer, rounds, tcpInfo)),
      clients: {
        sockets: sum(group(last, 'client').map((each) => each.sockets)),
        unreadBytes: leastOf((round) => sum(group(round, 'client').map((each) => each.rxQueueBytes))),
        unackedBytes: leastOf((round) => sum(group(round, 'client').map((each) => each.txQueueBytes))),
      },
      unreadBytes: leastOf((round) =>
        sum(group(round, 'client', 'peer-in', 'peer-out', 'metrics').map((each) => each.rxQueueBytes)),
      ),
      waiting: leastOf((round) => sum(round.listeners.map((each) => each.waiting))),
    };
    return observed(value, read.source);
  },
});
