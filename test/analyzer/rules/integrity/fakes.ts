/** Facts of the shapes that the rules of integrity, version and security look at. */
import type {
  Alarms,
  Certificates,
  CertificateValue,
  Hashes,
  HashGroup,
  Membership,
  Versions,
} from '../../../../analyzer/facts/values/cluster.js';
import type {
  MemberLog,
  ProcessValue,
  Reachability,
  Scrapes,
  StatusSeries,
} from '../../../../analyzer/facts/values/member.js';
import type { SignatureStats } from '../../../../analyzer/logs/types.js';
import { oddOnes } from '../../../../analyzer/rules/evidence/divergence.js';
import { log, WINDOW } from '../../../support/fake-facts.js';
import { memberId } from '../../../support/rule-tester.js';

const DAY_MS = 86_400_000;

export const reachability = (answered: boolean | null, reasons: Reachability['reasons'] = {}): Reachability => ({
  kind: answered === true ? 'answering' : answered === null ? 'not-asked' : 'refused',
  answered,
  grpc: { asked: 8, answered: answered === true ? 8 : 0 },
  http: { asked: 8, answered: answered === true ? 8 : 0 },
  answeredRounds: answered === true ? [0, 1, 2, 3] : [],
  failedRounds: answered === true ? [] : [0, 1, 2, 3],
  reasons,
  failures: [],
});

export const process = (startedAt: number | null, uptimeSeconds = 3600): ProcessValue => ({
  startedAt,
  restartedInWindow: false,
  starts: startedAt === null ? [] : [startedAt],
  uptimeSeconds,
  rssBytes: null,
  heapInuseBytes: null,
  allocBytesPerSecond: null,
  gcPerSecond: null,
  gcMaxPauseSeconds: null,
  goroutines: null,
  threads: null,
  openFds: null,
  maxFds: null,
  fdShare: null,
  cpuCores: null,
  cpuCoresSinceStart: null,
});

/** Server versions of m1, m2, ... */
export const versions = (...servers: readonly string[]): Versions => ({
  members: servers.map((server, i) => ({
    member: memberId(i + 1),
    server,
    cluster: null,
    storage: null,
    go: null,
    by: 'status',
  })),
  server: [...new Set(servers)],
  cluster: [],
  mixed: new Set(servers).size > 1,
  downgrade: null,
});

/** One comparison: hashes of m1, m2, ... at a revision and compact revision; `null` = that member was not hashed there. */
export const hashGroup = (
  revision: string,
  compactRevision: string,
  ...hashes: readonly (string | null)[]
): HashGroup => {
  const entries = hashes.flatMap((hash, i) =>
    hash === null
      ? []
      : [{ member: memberId(i + 1), hash, at: '2026-11-22T10:00:00Z', path: `members/${i + 1}/hashkv.json` }],
  );
  const equal = new Set(entries.map((entry) => entry.hash)).size === 1;
  return {
    revision,
    compactRevision,
    hashes: entries,
    comparable: entries.length > 1,
    equal: entries.length > 1 ? equal : null,
    odd: equal ? [] : oddOnes(new Map(entries.map(({ member, hash }) => [member, hash]))).odd,
  };
};

export const hashes = (...groups: readonly HashGroup[]): Hashes => {
  const comparable = groups.filter((group) => group.comparable);
  return {
    groups,
    comparable: comparable.length > 0,
    equal: comparable.length === 0 ? null : comparable.every((group) => group.equal === true),
    mismatches: comparable.filter((group) => group.equal === false),
    notCompared:
      comparable.length > 0 ? [] : [{ member: memberId(1), reason: 'no other member was hashed at its revision' }],
  };
};

export const alarms = (...armed: Alarms['armed'][number]['alarm'][]): Alarms => ({
  list: armed.map((alarm) => ({ member: '0000000000000000', alarm })),
  listMissing: null,
  armed: armed.map((alarm) => ({ alarm, members: ['0000000000000000'], by: ['alarm-list'] })),
  statusErrors: [],
  known: true,
});

/** Status with this applied index and revision in each of the rounds. */
export const status = (...rounds: readonly (readonly [appliedIndex: string, revision: string])[]): StatusSeries => {
  const series = rounds.map(([raftAppliedIndex, revision], i) => ({
    at: WINDOW.from + i * 10_000,
    durationMs: 2,
    round: i,
    bundleId: 'b',
    path: `members/x/status-${i}.json`,
    value: { raftAppliedIndex, revision, version: '3.5.16', errors: [] },
  }));
  return {
    last: series.at(-1)?.value,
    first: series[0]?.value,
    series,
    errors: [],
    slowestMs: 2,
    revisionPerSecond: 0,
    raftIndexPerSecond: 0,
  } as unknown as StatusSeries;
};

/** Scrapes of which only these metrics are known, the same value in all of them unless two are given. */
export const scrapes = (metrics: Readonly<Record<string, number | readonly [number, number]>>): Scrapes => {
  const round = (which: 0 | 1) => ({
    at: which === 0 ? WINDOW.from : WINDOW.to,
    durationMs: 3,
    round: which,
    path: 'x.prom',
    bundleId: 'b',
    startedAt: null,
    scrape: {
      samples: (name: string) => {
        const value = metrics[name];
        return value === undefined
          ? []
          : [{ name, labels: {}, value: typeof value === 'number' ? value : value[which] }];
      },
    },
  });
  const [first, last] = [round(0), round(1)];
  return {
    all: [first, last],
    rounds: [first, last],
    first,
    last,
    window: WINDOW,
    restarted: false,
    uptimeSeconds: 3600,
  } as unknown as Scrapes;
};

export const membership = (
  options: {
    readonly learners?: number;
    readonly voters?: number;
    readonly peerScheme?: readonly string[];
    readonly clientScheme?: string;
  } = {},
): Membership => {
  const ids = [...Array((options.voters ?? 3) + (options.learners ?? 0)).keys()].map((i) => memberId(i + 1));
  return {
    members: ids.map((id, i) => ({
      id,
      name: `m${i + 1}`,
      peerURLs: [`${options.peerScheme?.[i] ?? 'http'}://10.0.0.${i + 1}:2380`],
      clientURLs: [`${options.clientScheme ?? 'http'}://10.0.0.${i + 1}:2379`],
      isLearner: i >= (options.voters ?? 3),
      started: true,
      seenBy: ids,
      notSeenBy: [],
    })),
    voters: ids.slice(0, options.voters ?? 3),
    learners: ids.slice(options.voters ?? 3),
    unstarted: [],
    views: [],
    agree: true,
    differences: [],
    clusterIds: ['00000000000000cc'],
    strangers: [],
  };
};

/** A certificate seen at members (by number) with days left and lifetime in days. */
export const certificate = (options: {
  readonly daysLeft: number;
  readonly lifetime?: number;
  readonly members?: readonly number[];
  readonly role?: 'client' | 'peer';
  readonly subject?: string;
  readonly issuer?: string;
  readonly caFile?: boolean;
}): CertificateValue => {
  const notAfter = WINDOW.to + options.daysLeft * DAY_MS;
  const lifetime = options.lifetime ?? 365;
  const role = options.role ?? 'peer';
  return {
    fingerprint: `AA:${options.subject ?? 'leaf'}:${options.daysLeft}`,
    subject: options.subject ?? 'CN=leaf',
    issuer: options.issuer ?? 'CN=ca',
    notBefore: notAfter - lifetime * DAY_MS,
    notAfter,
    daysLeft: options.daysLeft,
    daysSinceStart: lifetime - options.daysLeft,
    isCA: options.caFile === true,
    selfSigned: false,
    dnsNames: [],
    ipAddresses: [],
    extKeyUsage: [],
    keyType: 'ec',
    keyBits: 256,
    seen: (options.members ?? [1]).map((n) => ({
      by: options.caFile === true ? 'file' : 'handshake',
      where: `10.0.0.${n}:${role === 'peer' ? 2380 : 2379}`,
      member: memberId(n),
      role,
      flag: options.caFile === true ? 'peer-trusted-ca-file' : null,
      leaf: options.caFile !== true,
      path: 'endpoints/x/tls.json',
    })),
  };
};

type Handshake = Certificates['handshakes'][number];

export const handshake = (n: number, more: Partial<Handshake> = {}): Handshake => ({
  endpoint: `10.0.0.${n}:${more.role === 'peer' ? 2380 : 2379}`,
  member: memberId(n),
  role: 'client',
  serverName: `10.0.0.${n}`,
  ok: true,
  authorized: true,
  authorizationError: null,
  error: null,
  protocol: 'TLSv1.3',
  elapsedMs: 3,
  nameMatches: true,
  fingerprint: 'AA',
  path: 'endpoints/x/tls.json',
  ...more,
});

export const certificates = (
  list: readonly CertificateValue[],
  handshakes: readonly Handshake[] = [],
): Certificates => ({
  certificates: list,
  handshakes,
  unreadable: [],
});

/** Statistics of a signature with these texts as samples, and values of fields. */
export const stats = (
  id: string,
  samples: readonly string[],
  texts: Readonly<Record<string, string>> = {},
): SignatureStats => ({
  id,
  group: id,
  count: samples.length,
  timed: samples.length,
  numbers: new Map(),
  texts: new Map(
    Object.entries(texts).map(([field, value]) => [field, { top: [{ value, count: 1 }], others: 0, last: value }]),
  ),
  series: { widthMs: 1000, buckets: [] },
  recent: [],
  recentComplete: true,
  samples: samples.map((text, i) => ({ source: 'members/x/logs/all.log', line: i + 1, text })),
});

/** A log whose process started at these times (epoch ms). */
export const logWithStarts = (
  seen: Parameters<typeof log>[0],
  starts: readonly number[],
  to: number = WINDOW.to,
): MemberLog =>
  log(seen, {
    to,
    summaries: [
      {
        path: 'members/x/logs/all.log',
        bundleId: 'b',
        instance: null,
        flaws: [],
        summary: {
          fatal: [],
          starts: starts.map((time, i) => ({
            source: 'members/x/logs/all.log',
            line: i + 1,
            time,
            before: [],
            config: {},
          })),
        } as unknown as MemberLog['summaries'][number]['summary'],
      },
    ],
  });
