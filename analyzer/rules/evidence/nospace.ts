import type { Alarms } from '../../facts/values/cluster.js';
import type { Storage } from '../../facts/values/member.js';

export type NospaceKind = 'fragmentation' | 'history' | 'live' | 'unknown';

export interface NospaceMember {
  readonly id: string;
  readonly storage: Storage;
  readonly kind: NospaceKind;
  /** Share of the stored revisions that are live keys, as far as counts tell; null when they do not. */
  readonly liveShare: number | null;
}

export interface Nospace {
  /** The alarm is armed; undefined when neither AlarmList nor a Status was read. */
  readonly armed: boolean | undefined;
  readonly alarmed: readonly string[];
  /** Members whose file is at (armed) or near (not armed) the quota, fullest first. */
  readonly full: readonly NospaceMember[];
  readonly observed: readonly NospaceMember[];
}

/**
 * Live keys among all stored revisions. Never compacted: every revision is still stored, the share is exact by count.
 * Compacted: between max(keys, gap) and keys + gap revisions are stored; the middle is taken.
 */
export const liveShareOf = (storage: Storage): number | null => {
  const keys = storage.keys?.last;
  if (keys === undefined || keys < 0 || storage.currentRevision === null) return null;
  const compact = storage.compactRevision;
  const never = compact !== null && BigInt(compact) <= 0n;
  if (!never && storage.compactGap === null) return null;
  const gap = never ? Number(storage.currentRevision) : Number(storage.compactGap);
  const most = Math.max(keys, gap, 1);
  const least = keys + gap;
  return never ? keys / most : (keys / most + keys / Math.max(1, least)) / 2;
};

/** No revision can be larger than a request; 2 MiB leaves room above DefaultMaxRequestBytes (1.5 MiB) and its pages. */
const LARGEST_REVISION = 2 * 1024 * 1024;

/**
 * Pages counted as in use that no stored revision can hold. bbolt counts freed pages only with the next commit,
 * and with writes refused there is none: a compaction under the alarm leaves the old figure standing.
 */
const isFreedUncounted = (storage: Storage): boolean => {
  const keys = storage.keys?.last;
  const gap = storage.compactGap;
  if (keys === undefined || gap === null || storage.inUseBytes === null) return false;
  return Number(storage.inUseBytes) > (keys + Number(gap) + 1) * LARGEST_REVISION;
};

const judge = (id: string, storage: Storage, freeBound: number, liveBound: number): NospaceMember => {
  const liveShare = liveShareOf(storage);
  const kind: NospaceKind =
    (storage.freeShare !== null && storage.freeShare > freeBound) || isFreedUncounted(storage)
      ? 'fragmentation'
      : liveShare === null
        ? 'unknown'
        : liveShare > liveBound
          ? 'live'
          : 'history';
  return { id, storage, kind, liveShare };
};

/** What fills the quota of each member, and whether the alarm says so. */
export const nospace = (
  alarms: Alarms | undefined,
  storage: ReadonlyMap<string, Storage>,
  bounds: { readonly full: number; readonly near: number; readonly free: number; readonly live: number },
): Nospace => {
  const alarm = alarms?.armed.find((each) => each.alarm === 'NOSPACE');
  const armed = alarm !== undefined ? true : alarms?.known === true ? false : undefined;
  const observed = [...storage]
    .map(([id, value]) => judge(id, value, bounds.free, bounds.live))
    .sort((a, b) => b.storage.sizeShare - a.storage.sizeShare || (a.id < b.id ? -1 : 1));
  const bound = armed === true ? bounds.full : bounds.near;
  return {
    armed,
    alarmed: alarm?.members ?? [],
    full: observed.filter((member) => member.storage.sizeShare >= bound),
    observed,
  };
};

/**
 * The kind that decides for the cluster. All members store the same revisions: free pages on one prove that little is
 * stored; else the fullest member decides, unknown ones last.
 */
export const kindOf = (judged: Nospace): NospaceKind | undefined =>
  judged.full.some((member) => member.kind === 'fragmentation')
    ? 'fragmentation'
    : (judged.full.find((member) => member.kind !== 'unknown')?.kind ?? judged.full[0]?.kind);

const mib = (bytes: string): string => `${Math.round((Number(bytes) / 1024 / 1024) * 10) / 10} MiB`;

/** `file 16 MiB of 16 MiB (99 %), in use 15.8 MiB` */
export const quotaText = ({ storage }: NospaceMember): string =>
  `file ${mib(storage.sizeBytes)} of ${mib(storage.quotaBytes)} (${Math.round(storage.sizeShare * 100)} %)${
    storage.inUseBytes === null ? '' : `, in use ${mib(storage.inUseBytes)}`
  }`;
