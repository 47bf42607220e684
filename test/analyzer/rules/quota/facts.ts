/** Plain fact values for the quota rules. */
import type { Alarms } from '../../../../analyzer/facts/values/cluster.js';
import type { Storage } from '../../../../analyzer/facts/values/member.js';
import { gauge } from '../../../support/fake-facts.js';
import { memberId } from '../../../support/rule-tester.js';

export const MiB = 1024 * 1024;
export const GiB = 1024 * MiB;

type Short = Partial<Storage> & {
  readonly size?: number;
  readonly inUse?: number | null;
  readonly quota?: number;
  readonly keyCount?: number | null;
  readonly revision?: number;
  /** -1 = never compacted. */
  readonly compacted?: number | null;
};

/** Sizes in bytes; by default a small database in good order: 4 MiB of 2 GiB, 300 keys, compacted a little ago. */
export const storage = (short: Short = {}): Storage => {
  const {
    size = 4 * MiB,
    inUse = 3 * MiB,
    quota = 2 * GiB,
    keyCount = 300,
    revision = 1000,
    compacted = 900,
    ...more
  } = short;
  return {
    sizeBytes: String(Math.round(size)),
    inUseBytes: inUse === null ? null : String(Math.round(inUse)),
    quotaBytes: String(Math.round(quota)),
    quotaOrigin: 'metric',
    sizeShare: size / quota,
    inUseShare: inUse === null ? null : inUse / quota,
    freeShare: inUse === null ? null : (size - inUse) / size,
    sizeGrowthPerSecond: 0,
    keys: keyCount === null ? null : gauge(keyCount, keyCount),
    currentRevision: String(revision),
    compactRevision: compacted === null ? null : String(compacted),
    compactGap: compacted === null || compacted < 0 ? null : String(revision - compacted),
    compactGapGrowthPerSecond: null,
    compactedInWindow: false,
    lastCompactionAt: null,
    compactionTotal: null,
    compactionPause: null,
    indexCompactionPause: null,
    compactedKeys: null,
    openReadTransactions: null,
    hashCalls: null,
    walWriteBytes: null,
    ...more,
  };
};

export const alarms = (...alarmed: readonly number[]): Alarms => ({
  list: alarmed.map((n) => ({ member: memberId(n), alarm: 'NOSPACE' })),
  listMissing: null,
  armed: alarmed.length === 0 ? [] : [{ alarm: 'NOSPACE', members: alarmed.map(memberId), by: ['alarm-list'] }],
  statusErrors: [],
  known: true,
});

export const full = {
  /** 229 keys of 64 KiB, never compacted. */
  live: storage({ size: 16.2 * MiB, inUse: 15 * MiB, quota: 16 * MiB, keyCount: 229, revision: 230, compacted: -1 }),
  history: storage({ size: 16.2 * MiB, inUse: 15 * MiB, quota: 16 * MiB, keyCount: 1, revision: 250, compacted: -1 }),
  fragmented: storage({
    size: 16.2 * MiB,
    inUse: 1 * MiB,
    quota: 16 * MiB,
    keyCount: 3,
    revision: 250,
    compacted: 249,
  }),
  unknown: storage({ size: 16.2 * MiB, inUse: 15 * MiB, quota: 16 * MiB, keyCount: null, compacted: null }),
};

export const spacious = storage({ size: 1 * MiB, inUse: 0.5 * MiB, quota: 16 * MiB });

/** The same storage on all three members. */
export const onAll = (value: Storage) => ({ m1: { storage: value }, m2: { storage: value }, m3: { storage: value } });
