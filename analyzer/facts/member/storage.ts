import { defineFact, observed, type Source } from '../../fact.js';
import { integerOf } from '../../metrics/parse.js';
import { because, big, valueIn } from '../access.js';
import { counterOf, gaugeOf, latencyOf, metricSource } from '../views.js';
import type { Gauge, Scrapes, Storage } from '../values/index.js';

const names = {
  size: 'etcd_mvcc_db_total_size_in_bytes',
  inUse: 'etcd_mvcc_db_total_size_in_use_in_bytes',
  quota: 'etcd_server_quota_backend_bytes',
  current: 'etcd_debugging_mvcc_current_revision',
  compact: 'etcd_debugging_mvcc_compact_revision',
} as const;

/** etcd's DefaultQuotaBytes: in force when the flag is 0 or not given. */
const defaultQuota = 2n * 1024n * 1024n * 1024n;

/** Share of two sizes as a number; exact to double precision for any size that exists. */
const share = (part: bigint, whole: bigint): number | null =>
  whole > 0n ? Number((part * 1_000_000n) / whole) / 1_000_000 : null;

const exact = (scrapes: Scrapes | null, name: string): bigint | null => {
  const sample = scrapes?.last.scrape.samples(name)[0];
  return sample === undefined ? null : (integerOf(sample) ?? null);
};

const positive = (value: bigint | null): bigint | null => (value !== null && value < 0n ? 0n : value);

const perSecond = (gauge: Gauge | null): number | null => {
  const first = gauge?.series[0];
  const last = gauge?.series.at(-1);
  return first === undefined || last === undefined || last.at <= first.at
    ? null
    : (last.value - first.value) / ((last.at - first.at) / 1000);
};

export default defineFact({
  scope: 'member',
  id: 'storage',
  title: 'Database size, free pages, quota, revisions and compaction',
  artifacts: ['metrics', 'endpoint-status', 'server-config'],
  derive: (ctx) => {
    const scraped = ctx.facts.member(ctx.id, 'scrapes');
    const asked = ctx.facts.member(ctx.id, 'status');
    const scrapes = valueIn(scraped);
    const status = valueIn(asked)?.last ?? null;
    const size = exact(scrapes, names.size) ?? big(status?.dbSize);
    if (size === null) return because(scrapes === null ? scraped : asked);
    const inUse = exact(scrapes, names.inUse) ?? big(status?.dbSizeInUse);
    const { quota, origin } = quotaOf(
      ctx.id,
      scrapes,
      status?.dbSizeQuota,
      status?.version,
      valueIn(ctx.facts.cluster('config'))?.members,
    );
    const current = exact(scrapes, names.current) ?? big(status?.revision);
    // The gauge is -1 until the first compaction of the store.
    const compact = positive(exact(scrapes, names.compact));
    const gauge = (name: string): Gauge | null => (scrapes === null ? null : gaugeOf(scrapes, name));
    const compacted = gauge(names.compact);
    const currentGrowth = perSecond(gauge(names.current));
    const compactGrowth = perSecond(compacted);
    const lastCompaction = gauge('etcd_debugging_mvcc_db_compaction_last')?.last ?? 0;
    const milliseconds = (name: string) => (scrapes === null ? null : latencyOf(scrapes, name, { unit: 'ms' }));
    const counter = (name: string) => (scrapes === null ? null : counterOf(scrapes, name));
    const value: Storage = {
      sizeBytes: size.toString(),
      inUseBytes: inUse?.toString() ?? null,
      quotaBytes: quota.toString(),
      quotaOrigin: origin,
      sizeShare: share(size, quota) ?? 0,
      inUseShare: inUse === null ? null : share(inUse, quota),
      freeShare: inUse === null ? null : share(size > inUse ? size - inUse : 0n, size),
      sizeGrowthPerSecond: perSecond(gauge(names.size)),
      keys: gauge('etcd_debugging_mvcc_keys_total'),
      currentRevision: current?.toString() ?? null,
      compactRevision: compact?.toString() ?? null,
      compactGap: current === null || compact === null ? null : (current - compact).toString(),
      compactGapGrowthPerSecond:
        currentGrowth === null || compactGrowth === null ? null : currentGrowth - compactGrowth,
      compactedInWindow: compacted === null || compacted.series.length < 2 ? null : compacted.last > compacted.first,
      lastCompactionAt: lastCompaction > 0 ? lastCompaction * 1000 : null,
      compactionTotal: milliseconds('etcd_debugging_mvcc_db_compaction_total_duration_milliseconds'),
      compactionPause: milliseconds('etcd_debugging_mvcc_db_compaction_pause_duration_milliseconds'),
      indexCompactionPause: milliseconds('etcd_debugging_mvcc_index_compaction_pause_duration_milliseconds'),
      compactedKeys: counter('etcd_debugging_mvcc_db_compaction_keys_total'),
      openReadTransactions: gauge('etcd_mvcc_db_open_read_transactions'),
      hashCalls: counter('etcd_mvcc_hash_rev_duration_seconds_count'),
      walWriteBytes: counter('etcd_disk_wal_write_bytes_total'),
    };
    const source: Source[] = [
      ...(scrapes === null ? [] : metricSource(scrapes, ...Object.values(names))),
      ...(asked.ok ? asked.source : []),
    ];
    return observed(value, source);
  },
});

const quotaOf = (
  id: string,
  scrapes: Scrapes | null,
  statusQuota: string | undefined,
  version: string | undefined,
  config: Readonly<Record<string, Readonly<Record<string, { value: string; origin: string }>>>> | undefined,
): { quota: bigint; origin: Storage['quotaOrigin'] } => {
  const metric = exact(scrapes, names.quota);
  if (metric !== null && metric > 0n) return { quota: metric, origin: 'metric' };
  const setting = config?.[id]?.['quota-backend-bytes'];
  const flag = setting === undefined || setting.origin === 'default' ? null : big(setting.value);
  if (flag !== null && flag > 0n) return { quota: flag, origin: setting?.origin === 'log' ? 'log' : 'flag' };
  // Before 3.6.6 the field could be wrong when the quota was left at its default.
  const reliable = version !== undefined && !/^3\.6\.[0-5](\D|$)/.test(version);
  const told = big(statusQuota);
  return reliable && told !== null && told > 0n
    ? { quota: told, origin: 'status' }
    : { quota: defaultQuota, origin: 'default' };
};
