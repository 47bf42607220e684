import type { MemberLog } from '../../facts/values/member.js';
import { type Claim, defineRule, necessary, supporting } from '../../rule.js';
import { timesOf, valuesOf } from '../evidence/log-lines.js';
import { startsOf } from '../evidence/starts.js';

/** Lines this close together are one event: both directions and all streams of a link go at once; own estimate. */
const ONE_EVENT_MS = 2000;
/** Shorter intervals are retries and health checks, not idle time-outs; own estimate. */
const SHORTEST_MS = 20_000;
/** How far intervals may be apart and still be one interval; own estimate. */
const JITTER = 0.1;

interface Pattern {
  readonly events: number;
  readonly everyMs: number;
  readonly last: number;
}

/** A fixed interval between the latest events, or undefined: `least` cuts at one distance, give or take a tenth. */
const patternOf = (log: MemberLog, ids: readonly string[], least: number): Pattern | undefined => {
  const events: number[] = [];
  for (const at of timesOf(log, ids))
    if (at - (events.at(-1) ?? Number.NEGATIVE_INFINITY) > ONE_EVENT_MS) events.push(at);
  const latest = events.slice(-(least + 2));
  const gaps = latest.slice(1).map((at, i) => at - (latest[i] ?? at));
  if (gaps.length < least) return undefined;
  const shortest = Math.min(...gaps);
  const longest = Math.max(...gaps);
  if (shortest < SHORTEST_MS || longest - shortest > JITTER * longest) return undefined;
  return { events: latest.length, everyMs: (shortest + longest) / 2, last: latest.at(-1) ?? 0 };
};

const seconds = (value: number): string => `${Math.round(value / 1000)} s`;

export default defineRule({
  id: 'proxy-or-lb-interference',
  title: 'A proxy or load balancer cuts connections at a fixed interval',
  category: 'network',
  role: 'cause',
  scope: 'member',
  why: 'Streams of etcd live as long as the process; a device that ends them after a fixed time makes members and watches start over each time.',
  needs: ['log'],
  wants: [],
  explains: ['watch-compacted-revision'],
  messages: {
    peers:
      'Streams between {subject} and its peers end every {every}: something on the way ends connections after a fixed time.',
    clients:
      'Watch or lease streams of clients of {subject} end every {every}: something on the way ends connections after a fixed time.',
    noise:
      'Something opens connections to {subject} every {every} and leaves without a word, as health checks of load balancers do.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Find what stands between the ends: load balancer, proxy, stateful firewall, NAT gateway, and its idle time-out',
      tag: 'read-only',
      command: 'ss -tnop "( sport = :2380 or dport = :2380 or sport = :2379 )"',
    },
    {
      text: 'Let clients send gRPC keepalives more often than the idle time-out; etcd allows one every 5 s by default',
      tag: 'brief-interruption',
    },
    { text: 'Connect the peers directly', tag: 'restarts' },
  ],
  doNot: ['put peers behind a load balancer'],
  owner: 'infrastructure',
  alternatives: [
    { rule: 'peer-packet-loss', why: 'Cuts would come at irregular times.' },
    { rule: 'tls-scheme-mismatch', why: 'Connections would never come up.' },
  ],
  wouldDisprove: [
    'cuts that go on with peers and clients connected directly',
    'a client that ends its own streams at that interval',
  ],
  nextEvidence: [
    { what: 'logs of all members over several intervals', command: 'sudo etcd-collect   # on each member’s node' },
  ],
  thresholds: ['stream-cuts'],
  evaluate: (ctx) => {
    const { log } = ctx.need;
    const least = ctx.limit('stream-cuts');
    const claims: Claim[] = [];
    const peers = patternOf(log, ['stream-lost'], least);
    const lastStart = startsOf(log).at(-1)?.at ?? Number.NEGATIVE_INFINITY;
    const named = [...valuesOf(log, 'stream-lost', 'remote-peer-id').keys()];
    const others = [...ctx.each('log')].filter(([id]) => id !== ctx.subject.id);
    // All streams of one peer end: when the logs of others say the same of it, it is told of that one, from its own log.
    const itsPeer =
      named.length === 1 &&
      others.some(([id]) => id === named[0]) &&
      others.some(([, other]) => {
        const ends = [...valuesOf(other, 'stream-lost', 'remote-peer-id').keys()];
        return ends.length === 1 && ends[0] === named[0] && patternOf(other, ['stream-lost'], least) !== undefined;
      });
    const observed = (pattern: Pattern): string => `${pattern.events} times, ${seconds(pattern.everyMs)} apart`;
    // Still going on when the next cut is not overdue at the end of the window.
    const goesOn = (pattern: Pattern): boolean => ctx.window.to - pattern.last < pattern.everyMs * (1 + 2 * JITTER);
    if (peers !== undefined && peers.last > lastStart && !itsPeer) {
      const now = goesOn(peers);
      claims.push({
        message: 'peers',
        data: { every: seconds(peers.everyMs) },
        severity: now ? 'warning' : 'info',
        role: now ? 'cause' : 'notice',
        when: now ? 'now' : 'past',
        evidence: [
          necessary(true, 'Peer streams are lost at one interval', {
            observed: observed(peers),
            threshold: 'stream-cuts',
            from: ['log'],
          }),
          ...((log.count('conn-reset')?.total ?? 0) > 0
            ? [supporting(true, 'Connections are reset', { from: ['log'] })]
            : []),
        ],
      });
    }
    const clients = patternOf(log, ['watch-recv-failed', 'lease-keepalive-recv-failed'], least);
    if (clients !== undefined && goesOn(clients))
      claims.push({
        message: 'clients',
        data: { every: seconds(clients.everyMs) },
        severity: 'warning',
        role: 'risk',
        evidence: [
          necessary(true, 'Client streams fail at one interval', {
            observed: observed(clients),
            threshold: 'stream-cuts',
            from: ['log'],
          }),
        ],
      });
    const refused = ['tls-rejected-client', 'tls-rejected-old'];
    const silent = refused.some(
      (id) => [...valuesOf(log, id, 'error').keys()].every((error) => error === 'EOF') && log.count(id) !== null,
    );
    const checks = silent ? patternOf(log, refused, least) : undefined;
    if (checks !== undefined)
      claims.push({
        message: 'noise',
        data: { every: seconds(checks.everyMs) },
        severity: 'info',
        role: 'notice',
        evidence: [
          necessary(true, 'Handshakes end before they begin, at one interval', {
            observed: observed(checks),
            threshold: 'stream-cuts',
            from: ['log'],
          }),
        ],
      });
    return claims;
  },
});
