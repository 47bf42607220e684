import type { PeerSockets, Sockets } from '../../facts/values/member.js';
import { type EvidenceInput, supporting } from '../../rule.js';
import { type Pair, pairKey, pairOf } from './peer-links.js';

type SocketsByMember = ReadonlyMap<string, Sockets>;

const toward = (sockets: SocketsByMember, from: string, to: string): PeerSockets | undefined =>
  sockets.get(from)?.peers.find(({ peer }) => peer === to);

/** Both ends of a connection, as far as they were seen. */
const ends = (sockets: SocketsByMember, a: string, b: string): readonly PeerSockets[] =>
  [toward(sockets, a, b), toward(sockets, b, a)].filter((end) => end !== undefined);

/** So many expected and none seen exclude a share with 95 % (rule of three); fewer that were sent again are chance. */
const RULE_OF_THREE = 3;

/**
 * Round trip between two members by their kernels, ms: the smaller of both ends, which the CPU time of the processes does not touch.
 * Undefined when neither end was seen.
 */
const kernelRtt = (sockets: SocketsByMember, a: string, b: string): number | undefined => {
  const known = ends(sockets, a, b).flatMap(({ rttMs }) => rttMs ?? []);
  return known.length === 0 ? undefined : Math.min(...known);
};

/** Kernel round trips by `pairKey`. */
export const kernelRtts = (sockets: SocketsByMember, ids: readonly string[]): ReadonlyMap<string, number> =>
  new Map(
    ids.flatMap((a, i) =>
      ids.slice(i + 1).flatMap((b): [string, number][] => {
        const rtt = kernelRtt(sockets, a, b);
        return rtt === undefined ? [] : [[pairKey(pairOf(a, b)), rtt]];
      }),
    ),
  );

/** Bytes that `from` received over connections that it dialled to `to` and that lived through the window: the way and the port are open. */
export const receivedOverCalls = (sockets: SocketsByMember, from: string, to: string): number | undefined =>
  toward(sockets, from, to)?.receivedOverOwnCalls ?? undefined;

/** Whether what the process got stays unread in every round: it does not run, or is busy. Needs two rounds and its own descriptors. */
export const unread = (sockets: Sockets | undefined): EvidenceInput[] =>
  sockets === undefined || !sockets.own || sockets.rounds < 2 || sockets.unreadBytes + sockets.waiting === 0
    ? []
    : [
        supporting(true, 'Its kernel holds what it received and the process does not read it, in every round', {
          observed: `${sockets.unreadBytes} bytes unread, ${sockets.waiting} connections not accepted`,
          limit: '0',
          from: ['sockets'],
        }),
      ];

/** Whether what is sent to a peer stays unacknowledged in every round while the timer runs out: the link or the peer's host does not answer. */
export const unacked = (sockets: SocketsByMember, from: string, to: string): boolean | undefined => {
  const seen = sockets.get(from);
  const end = toward(sockets, from, to);
  return seen === undefined || seen.rounds < 2 || end === undefined
    ? undefined
    : end.unackedBytes > 0 && end.timeouts > 0;
};

export interface PeerLoss {
  /** Pairs of members between which segments are sent again. */
  readonly pairs: readonly Pair[];
  /** What this member sends to all its peers arrives: its kernel sends again to others, if at all. */
  readonly clean: (id: string) => boolean;
  readonly evidence: readonly EvidenceInput[];
}

/** What the connections between members that answer say about loss, by the counters of each connection. */
export const peerLoss = (
  sockets: SocketsByMember,
  alive: readonly string[],
  share: number,
  nameOf: (id: string) => string,
): PeerLoss => {
  const ways = alive.flatMap((from) =>
    alive.flatMap((to) => {
      const end = to === from ? undefined : toward(sockets, from, to);
      return end === undefined || end.segmentsOut === null || end.resent === null
        ? []
        : [{ from, to, sent: end.segmentsOut, resent: end.resent, untouched: end.steady && end.timeouts === 0 }];
    }),
  );
  const bad = ways.filter(({ sent, resent }) => resent >= RULE_OF_THREE && resent > share * sent);
  return {
    pairs: bad.map(({ from, to }) => pairOf(from, to)),
    clean: (id) => {
      const own = ways.filter(({ from }) => from === id);
      const sent = own.reduce((sum, way) => sum + way.sent, 0);
      return (
        own.length > 0 &&
        own.length === alive.filter((to) => to !== id).length &&
        own.every(({ resent, untouched }) => untouched && resent === 0) &&
        sent * share >= RULE_OF_THREE
      );
    },
    evidence:
      bad.length === 0
        ? []
        : [
            supporting(true, 'Segments on connections between members are sent again', {
              observed: bad
                .map(({ from, to, sent, resent }) => `${nameOf(from)} to ${nameOf(to)}: ${resent} of ${sent}`)
                .join(', '),
              threshold: 'loss-retransmit-share',
              from: ['sockets'],
            }),
          ],
  };
};
