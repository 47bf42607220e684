import { needsLinux } from '../../local-files.js';
import { type PlacedDir, placedDirs } from '../../mounts.js';
import type { ScratchPort, SyncedAppends } from '../../ports/scratch.js';
import { defineProbe, type HostTarget, type MemberTarget, type ProbeContext, ProbeError } from '../../probe.js';
import { besideOf, ownPathOf, type ScratchPlace, topOf } from '../../scratch-place.js';
import type { FsyncProbeArtifact } from '../../../schemas/index.js';

type Measurement = FsyncProbeArtifact['measurements'][number];

/** Append size of the fio recipe in etcd's hardware guide (etcd.io, "Hardware recommendations", disks). */
const WRITE_BYTES = 2300;
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_MS = 5_000;
/** Free space below which nothing is written: the file system must never be brought nearer to its end. */
const MIN_FREE = 1024n ** 3n;
const MIN_FREE_PERCENT = 10n;
const MAX_FILESYSTEMS = 2;
const STATUS_MS = 1_000;
/** A sync that is under way when the time is up is usual; one this old is a finding. */
const HUNG_MS = 1_000;
/** Bounds of etcd_disk_wal_fsync_duration_seconds (etcd server/storage/wal/metrics.go), ms. */
const bounds = Array.from({ length: 14 }, (_, power) => 2 ** power);

const round = (ms: number): number => Math.round(ms * 1000) / 1000;

/** Nearest-rank quantiles of ascending values; none where fewer values than its denominator exist. */
export const summarise = (syncMs: readonly number[]): Pick<Measurement, 'latency' | 'histogram'> => {
  const sorted = [...syncMs].sort((a, b) => a - b);
  const quantile = (share: number, least: number): number | undefined =>
    sorted.length < least ? undefined : sorted[Math.ceil(share * sorted.length) - 1];
  const values = {
    meanMs: sorted.length === 0 ? undefined : sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length,
    p50Ms: quantile(0.5, 1),
    p90Ms: quantile(0.9, 10),
    p99Ms: quantile(0.99, 100),
    p999Ms: quantile(0.999, 1000),
    maxMs: sorted.at(-1),
  };
  return {
    latency: Object.fromEntries(
      Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, round(value)]])),
    ),
    histogram: bounds.map((leMs) => ({ leMs, count: sorted.filter((ms) => ms <= leMs).length })),
  };
};

/** Members that said they are out of quota; one that does not answer says nothing. */
const fullMembers = async ({ etcd, signal }: ProbeContext<HostTarget>, members: readonly MemberTarget[]) => {
  const full = await Promise.all(
    members.map(async (member) => {
      const status = await etcd.status(member, { signal, timeoutMs: STATUS_MS }).catch(() => undefined);
      return status?.errors.some((error) => /NOSPACE/i.test(error)) === true ? [member.id] : [];
    }),
  );
  return new Set(full.flat());
};

interface Candidate {
  readonly place: ScratchPlace;
  readonly placed: PlacedDir;
  readonly dirs: Measurement['dirs'];
}

/** What stands against writing there, if anything. */
const objection = async (
  { files, signal }: ProbeContext<HostTarget>,
  { place, placed: { mount }, dirs }: Candidate,
  full: ReadonlySet<string>,
): Promise<string | undefined> => {
  const out = dirs.find(({ memberId }) => full.has(memberId));
  if (out !== undefined) return `member ${out.memberId} has a NOSPACE alarm`;
  if (mount.options.includes('ro') || mount.superOptions.includes('ro')) return 'the file system is read-only';
  const { totalBytes, availableBytes } = await files.statfs(place.dir, signal);
  if (availableBytes < MIN_FREE) return `${availableBytes} bytes are free, 1 GiB is needed`;
  return availableBytes * 100n < totalBytes * MIN_FREE_PERCENT
    ? 'less than 10 % of the file system is free'
    : undefined;
};

const measurementOf = ({ place, placed, dirs }: Candidate, run: SyncedAppends): Measurement => ({
  dirs,
  dir: place.dir,
  mountPoint: placed.mount.mountPoint,
  fsType: placed.mount.fsType,
  device: placed.mount.device,
  writeBytes: WRITE_BYTES,
  writes: run.syncMs.length,
  bytes: run.bytes,
  elapsedMs: round(run.elapsedMs),
  ended: run.ended,
  ...(run.pendingMs === undefined ? {} : { pendingMs: round(run.pendingMs) }),
  ...(run.error === undefined ? {} : { error: run.error }),
  ...summarise(run.syncMs),
});

const candidatesOf = async (context: ProbeContext<HostTarget>) => {
  const { target, files, signal } = context;
  const { dirs, problems } = await placedDirs(files, target.members, signal);
  const refused: FsyncProbeArtifact['refused'] = problems.map((reason) => ({ path: '', reason }));
  // The WAL is what waits for the disk with every write.
  const wanted = [...dirs].sort((a, b) => Number(b.role === 'wal') - Number(a.role === 'wal'));
  const own = await Promise.all(
    wanted.map(async (placed) => ({ placed, own: await ownPathOf(files, placed, signal) })),
  );
  const protectedDirs = own.flatMap((entry) => (entry.own === undefined ? [] : [entry.own.path]));
  const candidates = new Map<bigint, Candidate>();
  for (const { placed, own: found } of own) {
    const { memberId, role, path } = placed;
    if (found === undefined) {
      refused.push({
        path,
        reason: 'the directory cannot be reached from here (root is needed for members in containers)',
      });
      continue;
    }
    const known = candidates.get(found.dev);
    if (known !== undefined) {
      known.dirs.push({ memberId, role });
      continue;
    }
    // A disk that is mounted at the data dir has no other place: there the file must never have a name.
    const place = (await besideOf(files, found, protectedDirs, signal)) ?? (await topOf(files, found, signal));
    candidates.set(found.dev, { place, placed, dirs: [{ memberId, role }] });
  }
  return { candidates: [...candidates.values()], refused };
};

const measureAll = async (context: ProbeContext<HostTarget>, scratch: ScratchPort): Promise<FsyncProbeArtifact> => {
  const endBy = context.monotonic() + context.timeoutMs * 0.9;
  const { candidates, refused } = await candidatesOf(context);
  const full = await fullMembers(context, context.target.members);
  const measurements: Measurement[] = [];
  for (const [index, candidate] of candidates.entries()) {
    const { path } = candidate.placed;
    const against =
      index >= MAX_FILESYSTEMS ? 'enough other file systems were measured' : await objection(context, candidate, full);
    const timeMs = Math.min(
      MAX_MS,
      (endBy - context.monotonic()) / (Math.min(candidates.length, MAX_FILESYSTEMS) - index),
    );
    if (against !== undefined || timeMs <= 0) {
      refused.push({ path, reason: against ?? 'the time was up' });
      continue;
    }
    const { dev, ofMember } = candidate.place;
    const limits = { dev, writeBytes: WRITE_BYTES, maxBytes: MAX_BYTES, timeMs, namelessOnly: ofMember === true };
    try {
      measurements.push(
        measurementOf(candidate, await scratch.syncedAppends(candidate.place.dir, limits, context.signal)),
      );
    } catch (error) {
      // Rights are the same for all of them: the item says so.
      if (!(error instanceof ProbeError) || candidates.length === 1) throw error;
      refused.push({ path, reason: error.message });
    }
  }
  return { measurements, refused };
};

export default defineProbe({
  kind: 'fsync-probe',
  scope: 'host',
  title: 'fdatasync times on the file systems of the data and WAL dirs',
  reads: `writes: appends of ${WRITE_BYTES} bytes with fdatasync to a temporary file without a name beside the data dir (in it where a disk is mounted there), at most 8 MiB and 5 s`,
  permission: 'root, or write access to the directory that holds the data dir',
  impact: 'adds-load',
  cost: 'costly',
  phase: 'load',
  timeoutMs: 7_000,
  appliesTo: ({ members }) => {
    const base = needsLinux();
    if (base !== true) return base;
    return members.some(({ local }) => local?.dataDir !== undefined)
      ? true
      : { reason: 'not-local', message: 'no data dir of a local member is known' };
  },
  source: ({ members }) => `beside ${members.flatMap(({ local }) => local?.dataDir ?? []).join(', ')}`,
  run: async (context) => {
    const { scratch } = context;
    if (scratch === undefined) throw new ProbeError('skipped-by-user', 'not-asked', 'needs --allow-load');
    const content = await measureAll(context, scratch);
    const { measurements, refused } = content;
    const reasons = refused.map(({ path, reason }) => `${path}: ${reason}`).join('; ');
    if (measurements.length === 0)
      throw new ProbeError('not-applicable', 'load-refused', `nothing was written: ${reasons}`);
    const broken = measurements.filter(
      ({ ended, pendingMs = 0 }) => ended === 'error' || ended === 'signal' || pendingMs >= HUNG_MS,
    );
    const message = [
      ...broken.map(({ dir, ended, error, pendingMs }) =>
        pendingMs === undefined || pendingMs < HUNG_MS
          ? `${dir}: ended by ${error ?? ended}`
          : `${dir}: a sync had not come back after ${pendingMs} ms`,
      ),
      ...(reasons === '' ? [] : [reasons]),
    ].join('; ');
    return {
      state: broken.length > 0 || refused.length > 0 ? 'partial' : 'ok',
      ...(broken.length > 0
        ? { reason: 'item-timeout' as const }
        : refused.length > 0
          ? { reason: 'load-refused' as const }
          : {}),
      ...(message === '' ? {} : { message }),
      source: `fdatasync in ${measurements.map(({ dir }) => dir).join(', ')}`,
      parts: [{ content }],
    };
  },
});
