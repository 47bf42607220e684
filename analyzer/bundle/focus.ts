import type { Case, LoadedArtifact } from './case.js';

/** Rounds and time from which a window is that of a recording: three times what a collection does. */
const LONG_ROUNDS = 12;
const LONG_MS = 120_000;
/** Mean of the syncs between two rounds that is slow in any case: the bucket above what etcd needs (10 ms). */
const SLOW_SYNC_MS = 16;
/** So much above the usual mean of the recording; own estimate. */
const UNUSUAL = 4;
/** Slow applies between two rounds that are no accident; own estimate. */
const SLOW_APPLIES = 5;
/** A scrape that comes so many intervals late was missed. */
const MISSED = 2.5;
/** Quiet rounds within one stretch. */
const BRIDGE = 2;
/** Trouble in more than this share of the rounds is not diluted. */
const MOST = 0.5;

const counters = {
  heartbeats: 'etcd_server_heartbeat_send_failures_total',
  leaders: 'etcd_server_leader_changes_seen_total',
  applies: 'etcd_server_slow_apply_total',
  syncCount: 'etcd_disk_wal_fsync_duration_seconds_count',
  syncSeconds: 'etcd_disk_wal_fsync_duration_seconds_sum',
} as const;

type Sample = { readonly at: number } & Partial<Record<keyof typeof counters, number>>;

const pattern = new RegExp(`^(${Object.values(counters).join('|')})(?:\\{[^}\\n]*\\})? (\\S+)`, 'gm');

/** The few counters that show trouble, without parsing the scrape. */
const sampleOf = ({ startedAt, value }: LoadedArtifact<'metrics'>): Sample => {
  const seen = new Map([...value.matchAll(pattern)].map(([, name, number]) => [name, Number(number)]));
  return {
    at: startedAt,
    ...Object.fromEntries(
      Object.entries(counters).flatMap(([key, name]) => {
        const number = seen.get(name);
        return number === undefined || !Number.isFinite(number) ? [] : [[key, number]];
      }),
    ),
  };
};

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;

interface Interval {
  readonly from: number;
  readonly to: number;
  readonly bad: boolean;
}

/** Every time between two scrapes of one member, and whether something went wrong in it. */
const intervalsOf = (samples: readonly Sample[]): readonly Interval[] => {
  const pairs = samples.slice(1).flatMap((after, i) => {
    const before = samples[i];
    return before === undefined ? [] : [{ before, after }];
  });
  const usualMs = median(pairs.map(({ before, after }) => after.at - before.at));
  const grown = (pair: (typeof pairs)[number], key: keyof typeof counters): number =>
    Math.max(0, (pair.after[key] ?? 0) - (pair.before[key] ?? pair.after[key] ?? 0));
  const syncMs = (pair: (typeof pairs)[number]): number =>
    grown(pair, 'syncCount') === 0 ? 0 : (1000 * grown(pair, 'syncSeconds')) / grown(pair, 'syncCount');
  const usualSync = median(pairs.map(syncMs));
  return pairs.map((pair) => ({
    from: pair.before.at,
    to: pair.after.at,
    bad:
      grown(pair, 'heartbeats') > 0 ||
      grown(pair, 'leaders') > 0 ||
      grown(pair, 'applies') >= SLOW_APPLIES ||
      (syncMs(pair) > SLOW_SYNC_MS && syncMs(pair) > UNUSUAL * usualSync) ||
      pair.after.at - pair.before.at > MISSED * usualMs,
  }));
};

export interface Focus {
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
}

/** Longest stretch of trouble, the latest of equals; undefined when there is none, or when it is most of the time. */
const worstOf = (rounds: readonly Interval[]): Focus | undefined => {
  const stretches: { from: number; to: number; count: number; last: number }[] = [];
  let quiet = BRIDGE + 1;
  for (const [i, { bad, from, to }] of rounds.entries()) {
    quiet = bad ? quiet : quiet + 1;
    if (!bad) continue;
    const open = stretches.at(-1);
    if (open !== undefined && quiet <= BRIDGE) {
      open.to = to;
      open.count += 1;
      open.last = i;
    } else stretches.push({ from, to, count: 1, last: i });
    quiet = 0;
  }
  const troubled = stretches.reduce((sum, { count }) => sum + count, 0);
  if (troubled === 0 || troubled > rounds.length * MOST) return undefined;
  return stretches.reduce((worst, each) => (each.count >= worst.count ? each : worst));
};

/** Joins what the members saw: a round is bad when it is for one of them. */
const together = (members: readonly (readonly Interval[])[]): readonly Interval[] => {
  const [longest] = [...members].sort((a, b) => b.length - a.length);
  return (longest ?? []).map(({ from, to, bad }) => ({
    from,
    to,
    bad: bad || members.some((own) => own.some((each) => each.bad && each.from < to && each.to > from)),
  }));
};

/**
 * The part of a long recording to look at: the longest stretch in which something went wrong, and a round before and after it.
 * Means and percentiles over ten minutes hide what lasted for one. Undefined for an ordinary collection, and when there is no such part.
 */
export const focusOf = (input: Case): Focus | undefined => {
  if (input.rounds < LONG_ROUNDS || input.window.to - input.window.from < LONG_MS) return undefined;
  const members = input.members.map(({ id }) => intervalsOf(input.artifacts('metrics', id).map(sampleOf)));
  const rounds = together(members);
  const worst = worstOf(rounds);
  if (worst === undefined) return undefined;
  const before = rounds.findLast(({ to }) => to <= worst.from);
  const after = rounds.find(({ from }) => from >= worst.to);
  return { from: before?.from ?? worst.from, to: after?.to ?? worst.to };
};

const clock = (at: number): string => new Date(at).toISOString().slice(11, 19);

/** A trouble that ended so long before the recording did is over; own estimate, the time in which a member elects and catches up. */
const OVER_MS = 60_000;

export interface FocusedCase {
  /** The case as if only the rounds of the focus had been taken. */
  readonly part: Case;
  /** What the report says of it. */
  readonly note: string;
  /** The recording went on for a while without trouble. */
  readonly over: boolean;
}

/** The part of a long recording to look at beside the whole. */
export const focusedOn = (input: Case): FocusedCase | undefined => {
  const focus = focusOf(input);
  if (focus === undefined) return undefined;
  // Members of one round start up to the skew apart.
  const [from, to] = [focus.from - input.maxSkewMs - 1, focus.to + input.maxSkewMs + 1];
  const inside = (at: number | undefined, round: number | undefined): boolean =>
    round === undefined || at === undefined || (at >= from && at <= to);
  const rounds = new Set(
    input
      .artifacts('metrics')
      .filter(({ startedAt, round }) => round !== undefined && inside(startedAt, round))
      .map(({ round }) => round),
  ).size;
  return {
    part: {
      ...input,
      items: input.items.filter(({ startedAt, round }) =>
        inside(startedAt === undefined ? undefined : Date.parse(startedAt), round),
      ),
      artifacts: (kind, target) =>
        input.artifacts(kind, target).filter(({ startedAt, round }) => inside(startedAt, round)),
      window: { from: focus.from, to: focus.to },
      rounds,
    },
    note: `Of ${input.rounds} rounds the ${rounds} from ${clock(focus.from)} to ${clock(focus.to)} UTC were looked at by themselves as well: the longest stretch with trouble, which means and percentiles over all rounds would hide.`,
    over: input.window.to - focus.to > OVER_MS,
  };
};
