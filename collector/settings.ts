/** What may be kept of an etcd process's flags, environment and config file. Everything else is named in `omitted`, never stored. */

/** How a flag is written and what is kept of its value. */
type Kind = 'value' | 'switch' | 'urls' | 'scheme';

const kinds = (kind: Kind, names: string): readonly (readonly [string, Kind])[] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => [name, kind] as const);

/** Flags of etcd 3.4 to 3.7 (`etcd --help` of each, etcd configuration reference); the `experimental-` forms are added below. */
const known = new Map<string, Kind>([
  ...kinds(
    'value',
    `name data-dir wal-dir snapshot-count snapshot-catchup-entries heartbeat-interval election-timeout max-snapshots max-wals
    quota-backend-bytes backend-bbolt-freelist-type backend-batch-interval backend-batch-limit bootstrap-defrag-threshold-megabytes
    max-txn-ops max-request-bytes max-concurrent-streams max-learners grpc-keepalive-min-time grpc-keepalive-interval
    grpc-keepalive-timeout initial-cluster-state discovery-srv discovery-srv-name discovery-fallback discovery-dial-timeout
    discovery-request-timeout discovery-keepalive-time discovery-keepalive-timeout cors host-whitelist auto-compaction-mode
    auto-compaction-retention cert-file key-file client-cert-file client-key-file client-crl-file client-cert-allowed-hostname
    trusted-ca-file peer-cert-file peer-key-file peer-client-cert-file peer-client-key-file peer-trusted-ca-file peer-crl-file
    peer-cert-allowed-cn peer-cert-allowed-hostname self-signed-cert-validity cipher-suites tls-min-version tls-max-version
    auth-token-ttl bcrypt-cost metrics logger log-format log-outputs log-level log-package-levels log-rotation-config-json
    feature-gates v2-deprecation proxy proxy-failure-wait proxy-refresh-interval proxy-dial-timeout proxy-write-timeout
    proxy-read-timeout raft-read-timeout raft-write-timeout corrupt-check-time compact-hash-check-time compaction-batch-limit
    compaction-sleep-interval downgrade-check-time warning-apply-duration warning-unary-request-duration
    watch-progress-notify-interval txn-mode-write-with-shared-buffer distributed-tracing-address
    distributed-tracing-service-name distributed-tracing-sampling-rate config-file`,
  ),
  ...kinds(
    'switch',
    `initial-election-tick-advance pre-vote strict-reconfig-check enable-v2 enable-pprof enable-grpc-gateway enable-log-rotation
    client-cert-auth auto-tls peer-client-cert-auth peer-auto-tls peer-skip-client-san-verification socket-reuse-port
    socket-reuse-address force-new-cluster unsafe-no-fsync debug memory-mlock initial-corrupt-check compact-hash-check-enabled
    enable-lease-checkpoint enable-lease-checkpoint-persist enable-distributed-tracing stop-grpc-service-on-defrag
    discovery-insecure-transport discovery-insecure-skip-tls-verify version`,
  ),
  ...kinds(
    'urls',
    `listen-peer-urls listen-client-urls listen-client-http-urls listen-metrics-urls initial-advertise-peer-urls
    advertise-client-urls initial-cluster discovery-endpoints discovery-proxy enable-v2v3`,
  ),
  ['auth-token', 'scheme'],
]);

/** Kind of an allow-listed flag name, or `undefined`. */
const kindOf = (name: string): Kind | undefined => known.get(name) ?? known.get(name.replace(/^experimental-/, ''));

/** Go runtime variables that change how etcd runs. */
const runtimeVariables = ['GOMAXPROCS', 'GOGC', 'GOMEMLIMIT'];

const MAX_VALUE = 4096;

/** One source of settings after the allow-list: names as written there. */
export interface AllowedValues {
  readonly values: Readonly<Record<string, string>>;
  readonly omitted: readonly string[];
}

/** Keeps what may be kept of one value; `undefined` when nothing may. `cut` says that a part was left out. */
export const allowedValue = (
  name: string,
  value: string,
): { readonly value: string; readonly cut: boolean } | undefined => {
  const kind = kindOf(name);
  if (kind === undefined) return undefined;
  if (kind === 'scheme') {
    const scheme = (value.split(',')[0] ?? '').trim();
    // A value with a path or blanks is not a scheme word, so nothing of it is kept.
    return /^[a-z0-9-]{1,20}$/i.test(scheme) ? { value: scheme, cut: scheme !== value } : undefined;
  }
  const clean = value.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/@\s,]*@/gi, '$1').slice(0, MAX_VALUE);
  return { value: clean, cut: clean !== value };
};

const collect = (entries: readonly (readonly [string, string, string])[]): AllowedValues => {
  const values: Record<string, string> = {};
  const omitted = new Set<string>();
  for (const [written, flag, value] of entries) {
    const kept = allowedValue(flag, value);
    if (kept !== undefined) values[written] = kept.value;
    if (kept === undefined || kept.cut) omitted.add(printable(written));
  }
  return { values, omitted: [...omitted].sort((a, b) => (a < b ? -1 : 1)) };
};

// A name is stored even when its value is not, so nothing but a plausible name may pass.
const printable = (name: string): string => (/^[A-Za-z0-9_.-]{1,80}$/.test(name) ? name : '(unprintable name)');

/**
 * Flags of a command line, as Go's flag package reads them: `-name`, `--name`, `=` or the next argument as value, switches alone,
 * end at the first argument that is no flag. A repeated flag keeps its last value.
 */
export const parseArguments = (argv: readonly string[]): AllowedValues => {
  const entries: [string, string, string][] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const parts = /^--?([^-=][^=]*)(?:=([\s\S]*))?$/.exec(argv[at] ?? '');
    if (parts?.[1] === undefined) break;
    const [, name, inline] = parts;
    const next = argv[at + 1];
    const takesNext =
      kindOf(name) === undefined ? next !== undefined && !next.startsWith('-') : kindOf(name) !== 'switch';
    if (inline === undefined && takesNext) at += 1;
    entries.push([name, name, inline ?? (takesNext ? (next ?? '') : 'true')]);
  }
  return collect(entries);
};

/** ETCD_* and Go runtime variables; the names of other variables are not even listed. */
export const parseEnvironment = (variables: readonly string[]): AllowedValues => {
  const pairs = variables.flatMap((line): (readonly [string, string])[] => {
    const equals = line.indexOf('=');
    return equals < 1 ? [] : [[line.slice(0, equals), line.slice(equals + 1)]];
  });
  const etcd = collect(
    pairs.flatMap(([name, value]) =>
      name.startsWith('ETCD_') ? [[name, name.slice(5).toLowerCase().replaceAll('_', '-'), value] as const] : [],
    ),
  );
  const runtime = pairs
    .filter(([name]) => runtimeVariables.includes(name))
    .map(([name, value]) => [name, value.slice(0, 40)]);
  return { values: { ...etcd.values, ...Object.fromEntries(runtime) }, omitted: etcd.omitted };
};

/** Values of a config file, by flag name (sections already turned into flag names). */
export const allowFileValues = (entries: readonly (readonly [string, string])[]): AllowedValues =>
  collect(entries.map(([name, value]) => [name, name, value]));

/** ETCD_HEARTBEAT_INTERVAL -> heartbeat-interval. */
export const flagOfVariable = (name: string): string =>
  name
    .replace(/^ETCD_/, '')
    .toLowerCase()
    .replaceAll('_', '-');

/** Defaults a member is told by (etcd configuration reference, the same in 3.4 to 3.7). */
const defaults: Readonly<Record<string, string>> = {
  name: 'default',
  'listen-client-urls': 'http://localhost:2379',
  'advertise-client-urls': 'http://localhost:2379',
  'listen-peer-urls': 'http://localhost:2380',
  'initial-advertise-peer-urls': 'http://localhost:2380',
};

/**
 * Settings in force by flag name: the config file alone when there is one (etcd then ignores flags and environment), else the command
 * line over the environment; the defaults of name and URLs are filled in.
 */
export const settingsInForce = (sources: {
  readonly flags: AllowedValues;
  readonly env: AllowedValues;
  readonly file?: AllowedValues | undefined;
}): Readonly<Record<string, string>> => {
  if (sources.file !== undefined) return { ...defaults, ...sources.file.values };
  const env = Object.entries(sources.env.values)
    .filter(([name]) => name.startsWith('ETCD_'))
    .map(([name, value]) => [flagOfVariable(name), value]);
  return { ...defaults, ...Object.fromEntries(env), ...sources.flags.values };
};
