import type { ReportSource } from '../../../schemas/index.js';
import type { CaseMember } from '../../bundle/case.js';
import type { MemberLog } from '../../facts/values/member.js';

/** One member that complains of TLS, and of whom, as its log samples show. */
interface TlsComplaint {
  readonly by: string;
  /** Member complained of; undefined when the line does not name one. */
  readonly about: string | undefined;
  readonly road: 'peer' | 'client' | 'unknown';
  /** Its signature was logged in the window too. */
  readonly now: boolean;
}

export interface TlsComplaints {
  readonly inWindow: number;
  readonly before: number;
  /** Lines in the window by the member that logged them. */
  readonly loggers: ReadonlyMap<string, number>;
  /** Some line is about traffic between members. */
  readonly peer: boolean;
  /** Members complained of by the most others. */
  readonly accused: readonly string[];
  readonly sources: readonly ReportSource[];
}

const hostOf = (hostPort: string): string =>
  hostPort
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();

/** Members by the host of their peer URLs; hosts that several share name nobody. */
const byPeerHost = (members: readonly CaseMember[]): ReadonlyMap<string, string> => {
  const hosts = new Map<string, Set<string>>();
  for (const { id, peerUrls } of members)
    for (const url of peerUrls) {
      const host = hostOf(url.replace(/^\w+:\/\//, '').replace(/\/.*$/, ''));
      hosts.set(host, (hosts.get(host) ?? new Set<string>()).add(id));
    }
  return new Map([...hosts].flatMap(([host, ids]) => (ids.size === 1 ? [[host, [...ids][0] as string]] : [])));
};

const roadOf = (text: string): TlsComplaint['road'] =>
  /on client endpoint/.test(text)
    ? 'client'
    : /on peer endpoint|remote-peer-id|rafthttp|health check for peer|ROUND_TRIPPER|peer-id/.test(text)
      ? 'peer'
      : 'unknown';

const named = (
  text: string,
  members: readonly CaseMember[],
  hosts: ReadonlyMap<string, string>,
): string | undefined => {
  const id = /(?:remote-peer-id"?\s*[:=]\s*"?|health check for peer )([0-9a-f]{1,16})\b/
    .exec(text)?.[1]
    ?.padStart(16, '0');
  if (id !== undefined && members.some((member) => member.id === id)) return id;
  const address = /(?:remote-addr"?\s*[:=]\s*"?|rejected connection from "|dial tcp )([^"\s,]{1,120}:\d{1,5})/.exec(
    text,
  )?.[1];
  return address === undefined ? undefined : hosts.get(hostOf(address));
};

/** What each signature says within the error of another line. */
const phrases: Readonly<Record<string, RegExp>> = {
  'x509-expired': /certificate has expired or is not yet valid/,
  'x509-san': /certificate is valid for/,
  'x509-noipsan': /doesn't contain any IP SANs/,
  'x509-cn-legacy': /legacy Common Name/,
  'tls-dns-mismatch': /does not match any of DNSNames/,
  'x509-unknown-authority': /signed by unknown authority/,
  'x509-keyusage': /incompatible key usage/,
  'tls-remote-bad-cert': /remote error: tls: /,
  'tls-first-record': /first record does not look like a TLS handshake/,
  'http-to-https': /HTTP response to HTTPS client|HTTP request to an HTTPS|malformed HTTP/,
  'tls-version-cipher': /unsupported versions|no cipher suite|protocol version not supported/,
};

/** Peers that the member's prober cannot reach, when most of its errors are of these signatures. */
const proberAccuses = (log: MemberLog, ids: readonly string[]): readonly string[] => {
  const stats = log.count('prober-unhealthy')?.stats ?? [];
  const values = (field: string) => stats.flatMap((each) => each.texts.get(field)?.top ?? []);
  const errors = values('error');
  const total = errors.reduce((sum, { count }) => sum + count, 0);
  const matching = errors.filter(({ value }) => ids.some((id) => phrases[id]?.test(value) === true));
  if (matching.reduce((sum, { count }) => sum + count, 0) * 2 <= total) return [];
  const peers = values('remote-peer-id');
  const most = Math.max(0, ...peers.map(({ count }) => count));
  // Another peer may have been away for a moment, e.g. while the cluster started.
  return [...new Set(peers.filter(({ count }) => count * 2 >= most).map(({ value }) => value))];
};

const mostAccused = (complaints: readonly TlsComplaint[]): readonly string[] => {
  const accusers = new Map<string, Set<string>>();
  for (const { by, about } of complaints)
    if (about !== undefined && about !== by) accusers.set(about, (accusers.get(about) ?? new Set<string>()).add(by));
  const most = Math.max(0, ...[...accusers.values()].map((set) => set.size));
  return [...accusers].flatMap(([id, set]) => (set.size === most ? [id] : []));
};

/**
 * Who complains of whom about TLS. `blame`: with texts of a verifier the other side is at fault; with `remote error` texts the
 * logger itself is, since the other side refused what it presented.
 */
export const tlsComplaints = (
  logs: ReadonlyMap<string, MemberLog>,
  ids: readonly string[],
  members: readonly CaseMember[],
  blame: 'other' | 'logger' = 'other',
): TlsComplaints => {
  const hosts = byPeerHost(members);
  const loggers = new Map<string, number>();
  const complaints: TlsComplaint[] = [];
  const sources: ReportSource[] = [];
  let before = 0;
  for (const [by, log] of logs) {
    const now = ids.some((id) => (log.count(id)?.inWindow ?? 0) > 0);
    if (ids.some((id) => log.count(id) !== null))
      for (const peer of proberAccuses(log, ids))
        complaints.push({
          by: blame === 'logger' ? peer : by,
          about: blame === 'logger' ? by : peer,
          road: 'peer',
          now,
        });
    for (const id of ids) {
      const count = log.count(id);
      if (count === null) continue;
      const samples = count.stats.flatMap((stats) => stats.samples);
      before += count.before;
      if (count.inWindow > 0) loggers.set(by, (loggers.get(by) ?? 0) + count.inWindow);
      for (const sample of samples) {
        const other = named(sample.text, members, hosts);
        const road = roadOf(sample.text);
        // A member's own gateway dials its client port: that is a client.
        complaints.push({
          by: blame === 'logger' ? (other ?? `peer of ${by}`) : by,
          about: blame === 'logger' ? (road === 'peer' ? by : undefined) : road === 'client' ? undefined : other,
          road: road === 'unknown' && other !== undefined && other !== by ? 'peer' : road,
          now: count.inWindow > 0,
        });
      }
      const last = samples.at(-1);
      if (last !== undefined) sources.push({ artifact: 'server-log', path: last.source, pointer: `line ${last.line}` });
    }
  }
  // What members said of each other before the window must not lend its road to what clients cause in it.
  const relevant = loggers.size > 0 ? complaints.filter(({ now }) => now) : complaints;
  return {
    inWindow: [...loggers.values()].reduce((sum, count) => sum + count, 0),
    before,
    loggers,
    peer: relevant.some(({ road }) => road === 'peer'),
    accused: mostAccused(relevant),
    sources: sources.slice(0, 6),
  };
};
