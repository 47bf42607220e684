/** How the text of a setting is compared between sources and members. */
export type SettingForm = 'milliseconds' | 'duration' | 'integer' | 'boolean' | 'retention' | 'text';

export interface SettingPlan {
  readonly form: SettingForm;
  /** Default by `major.minor`; null = none, or it cannot be told. */
  readonly fallback: (minor: string) => string | null;
  /** Members may rightly differ. */
  readonly own?: boolean;
}

const always = (value: string) => (): string => value;
const none = (): null => null;
const at35 =
  (before: string, from: string) =>
  (minor: string): string =>
    minor === '3.4' ? before : from;
const at36 =
  (before: string, from: string) =>
  (minor: string): string =>
    minor === '3.4' || minor === '3.5' ? before : from;

/** Settings that rules read, by flag name without dashes and without `experimental-`. Defaults: etcd server/embed/config.go of each release branch. */
export const settings: Readonly<Record<string, SettingPlan>> = {
  'heartbeat-interval': { form: 'milliseconds', fallback: always('100') },
  'election-timeout': { form: 'milliseconds', fallback: always('1000') },
  'quota-backend-bytes': { form: 'integer', fallback: always('2147483648') },
  'snapshot-count': { form: 'integer', fallback: at36('100000', '10000') },
  'snapshot-catchup-entries': { form: 'integer', fallback: always('5000') },
  'auto-compaction-mode': { form: 'text', fallback: always('periodic') },
  'auto-compaction-retention': { form: 'retention', fallback: always('0') },
  'pre-vote': { form: 'boolean', fallback: at35('false', 'true') },
  'max-wals': { form: 'integer', fallback: always('5') },
  'max-snapshots': { form: 'integer', fallback: always('5') },
  'max-request-bytes': { form: 'integer', fallback: always('1572864') },
  'max-txn-ops': { form: 'integer', fallback: always('128') },
  'strict-reconfig-check': { form: 'boolean', fallback: always('true') },
  'initial-corrupt-check': { form: 'boolean', fallback: always('false') },
  'corrupt-check-time': { form: 'duration', fallback: always('0s') },
  'compact-hash-check-enabled': { form: 'boolean', fallback: always('false') },
  'unsafe-no-fsync': { form: 'boolean', fallback: always('false') },
  'force-new-cluster': { form: 'boolean', fallback: always('false') },
  'enable-v2': { form: 'boolean', fallback: always('false') },
  'memory-mlock': { form: 'boolean', fallback: always('false') },
  'auth-token': { form: 'text', fallback: always('simple') },
  'auth-token-ttl': { form: 'integer', fallback: always('300') },
  'bcrypt-cost': { form: 'integer', fallback: always('10') },
  'client-cert-auth': { form: 'boolean', fallback: always('false') },
  'peer-client-cert-auth': { form: 'boolean', fallback: always('false') },
  'warning-apply-duration': { form: 'duration', fallback: always('100ms') },
  logger: { form: 'text', fallback: at35('capnslog', 'zap') },
  'log-level': { form: 'text', fallback: always('info') },
  metrics: { form: 'text', fallback: always('basic') },
  'compaction-batch-limit': { form: 'integer', fallback: none },
  'compaction-sleep-interval': { form: 'duration', fallback: none },
  'backend-bbolt-freelist-type': { form: 'text', fallback: none },
  'initial-cluster-state': { form: 'text', fallback: none, own: true },
  'initial-cluster-token': { form: 'text', fallback: none },
  'initial-cluster': { form: 'text', fallback: none, own: true },
  'listen-client-http-urls': { form: 'text', fallback: none, own: true },
  'feature-gates': { form: 'text', fallback: none },
  'v2-deprecation': { form: 'text', fallback: none },
  'tls-min-version': { form: 'text', fallback: none },
  'cipher-suites': { form: 'text', fallback: none },
  'trusted-ca-file': { form: 'text', fallback: none, own: true },
  'peer-trusted-ca-file': { form: 'text', fallback: none, own: true },
  'max-learners': { form: 'integer', fallback: none },
};

/** Names in the start-up log line that differ from the flag's. */
export const logNames: Readonly<Record<string, string>> = {
  'quota-size-bytes': 'quota-backend-bytes',
  'corrupt-check-time-interval': 'corrupt-check-time',
  'compact-check-time-enabled': 'compact-hash-check-enabled',
};

/** Plan of a setting; undefined for a name outside the list, whatever the name. */
export const planOf = (name: string): SettingPlan | undefined =>
  Object.hasOwn(settings, name) ? settings[name] : undefined;
