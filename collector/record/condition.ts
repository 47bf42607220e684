import { parseBytes, parseDuration } from '../cli/values.js';
import { UsageError } from '../errors.js';

/** What one round says about one member, as far as conditions need it. */
export interface MemberRound {
  readonly id: string;
  readonly name?: string;
  /** Status was answered. */
  readonly answered: boolean;
  /** 16 hex digits; all zero when the member knows no leader. Absent when Status was not answered. */
  readonly leader?: string;
  readonly raftTerm?: bigint;
  readonly dbSize?: bigint;
  /** Cumulative counts by upper bound in seconds, ascending, `Infinity` last; by metric. */
  readonly histograms: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

/** One round of all members. */
export interface Observation {
  readonly members: readonly MemberRound[];
}

/** A condition as given, with the memory it needs from round to round. */
export interface Condition {
  readonly text: string;
  /** Metrics it reads, by name without `_bucket`. */
  readonly metrics: readonly string[];
  /** Takes the next round; returns in words what met the condition, else `undefined`. */
  readonly observe: (round: Observation) => string | undefined;
}

const noLeader = '0'.repeat(16);

const called = ({ name, id }: MemberRound): string => (name === undefined || name === '' ? id : name);

/** The leader that the member with the highest term names. */
const leaderOf = ({ members }: Observation): { leader: string; term: bigint } | undefined => {
  let found: { leader: string; term: bigint } | undefined;
  for (const { leader, raftTerm } of members) {
    if (leader === undefined || raftTerm === undefined || leader === noLeader) continue;
    if (found === undefined || raftTerm > found.term) found = { leader, term: raftTerm };
  }
  return found;
};

const leaderChange = (text: string): Condition => {
  let known: { leader: string; term: bigint } | undefined;
  return {
    text,
    metrics: [],
    observe: (round) => {
      const now = leaderOf(round);
      const before = known;
      // A member that was cut off may still name the leader of an older term.
      if (now !== undefined && (before === undefined || now.term >= before.term)) known = now;
      if (before === undefined || now === undefined || now.term < before.term || now.leader === before.leader)
        return undefined;
      return `leader ${before.leader} (term ${before.term}) was followed by ${now.leader} (term ${now.term})`;
    },
  };
};

const withoutLeader = (text: string): Condition => ({
  text,
  metrics: [],
  observe: ({ members }) => {
    const alone = members.filter(({ leader }) => leader === noLeader);
    return alone.length === 0 ? undefined : `${alone.map(called).join(', ')} knows no leader`;
  },
});

/** Rounds without an answer, one after another, that make a member that answered before count as down. */
const silentRounds = 2;

const memberDown = (text: string): Condition => {
  const silent = new Map<string, number>();
  return {
    text,
    metrics: [],
    observe: ({ members }) => {
      const down: string[] = [];
      for (const member of members) {
        const before = silent.get(member.id);
        if (member.answered) silent.set(member.id, 0);
        else if (before !== undefined) {
          silent.set(member.id, before + 1);
          if (before + 1 === silentRounds) down.push(called(member));
        }
      }
      return down.length === 0 ? undefined : `${down.join(', ')} did not answer in ${silentRounds} rounds, but before`;
    },
  };
};

const databaseSize = (text: string, limit: string): Condition => {
  const bytes = BigInt(parseBytes(`--until ${text}`, limit));
  return {
    text,
    metrics: [],
    observe: ({ members }) => {
      const over = members.filter(({ dbSize }) => dbSize !== undefined && dbSize > bytes);
      return over.length === 0
        ? undefined
        : over.map((member) => `the database of ${called(member)} has ${member.dbSize} bytes`).join(', ');
    },
  };
};

/** Fewer observations than this say nothing about a 99th percentile; then earlier rounds are taken in, up to `maxBack` of them. */
const leastObservations = 10;
const maxBack = 12;

type Buckets = readonly (readonly [number, number])[];

/** Observations between two scrapes: all, and those that provably took longer than `seconds`. */
const between = (before: Buckets, after: Buckets, seconds: number): { all: number; above: number } | undefined => {
  if (before.length !== after.length || after.length === 0) return undefined;
  let all = 0;
  let upTo: number | undefined;
  for (const [index, [bound, count]] of after.entries()) {
    const [boundBefore, countBefore] = before[index] ?? [Number.NaN, 0];
    // Other buckets, or a counter that went back: another process.
    if (boundBefore !== bound || count < countBefore) return undefined;
    all = count - countBefore;
    // The bucket that the limit lies in may be above or below it: it counts as below.
    if (upTo === undefined && bound >= seconds) upTo = all;
  }
  return { all, above: all - (upTo ?? all) };
};

const percentile = (text: string, metric: string, limit: string): Condition => {
  const limitMs = parseDuration(`--until ${text}`, limit);
  if (!(limitMs > 0))
    throw new UsageError(`--until ${text}: the limit has to be above 0`, 'for example fsync-p99>100ms');
  const history = new Map<string, Buckets[]>();
  return {
    text,
    metrics: [metric],
    observe: ({ members }) => {
      const slow: string[] = [];
      for (const member of members) {
        const now = member.histograms[metric];
        if (now === undefined || now.length === 0) continue;
        const past = history.get(member.id) ?? [];
        let span: { all: number; above: number } | undefined;
        for (const before of past) {
          span = between(before, now, limitMs / 1000);
          if (span === undefined || span.all >= leastObservations) break;
        }
        history.set(member.id, [now, ...past].slice(0, maxBack));
        if (span === undefined) {
          if (past.length > 0) history.set(member.id, [now]);
          continue;
        }
        if (span.all >= leastObservations && span.above > span.all / 100)
          slow.push(`${span.above} of ${span.all} at ${called(member)}`);
      }
      return slow.length === 0 ? undefined : `${metric} above ${limit}: ${slow.join(', ')}`;
    },
  };
};

/** Every condition with an example and what it means, for `--help`. */
export const conditionHelp: readonly (readonly [string, string])[] = [
  ['leader-change', 'another leader than in the rounds before'],
  ['no-leader', 'a member that answers knows no leader'],
  ['member-down', `a member that answered before is silent for ${silentRounds} rounds`],
  ['fsync-p99>100ms', 'more than 1 % of the WAL fsyncs of a member since the last round (10 or more) took longer'],
  ['commit-p99>250ms', 'the same for commits of the backend'],
  ['db-size>2GiB', 'the database file of a member is larger'],
];

/** Understands one `--until`. Throws UsageError. */
export const parseCondition = (given: string): Condition => {
  const text = given.trim();
  const [, name = text, limit = ''] = /^([a-z0-9-]+)\s*>\s*(\S+)$/.exec(text) ?? [];
  const simple = limit === '';
  if (simple && name === 'leader-change') return leaderChange(text);
  if (simple && name === 'no-leader') return withoutLeader(text);
  if (simple && name === 'member-down') return memberDown(text);
  if (!simple && name === 'db-size') return databaseSize(text, limit);
  if (!simple && name === 'fsync-p99') return percentile(text, 'etcd_disk_wal_fsync_duration_seconds', limit);
  if (!simple && name === 'commit-p99') return percentile(text, 'etcd_disk_backend_commit_duration_seconds', limit);
  throw new UsageError(
    `--until ${text}: not a known condition`,
    `use one of ${conditionHelp.map(([example]) => example).join(', ')}`,
  );
};
