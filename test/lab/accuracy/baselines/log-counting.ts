import type { Case } from '../../../../analyzer/bundle/index.js';
import { createFacts, type MemberLog } from '../../../../analyzer/facts/index.js';
import { groupOf, logSignatures } from '../../../../analyzer/knowledge/log-signatures.js';
import type { LogSummary, SignatureStats } from '../../../../analyzer/logs/types.js';
import { windowOf } from '../../../../analyzer/logs/window.js';
import { type Baseline, type BaselineAnswer, dataOf, memberName, type Suspect, unique } from './answer.js';

/**
 * A signature group and the rule ids it points to. `about` is the field that names whom it is about when that is not the writer;
 * null for errors of a connection, which do not say whose end is at fault.
 */
export interface LogMode {
  readonly signature: string;
  readonly points: readonly string[];
  readonly about?: string | null;
}

/** Whoever counts lines does not call anybody for one of them; a process that says error or dies of it is another matter. */
const alarmAtLines = 5;
/** How far back somebody reads where the window says nothing, and in the log of a member that is gone, ms. */
const lookBackMs = 60_000;
/** A member with more than this share of the hits of the most often hit one is meant as well. */
const memberShare = 0.5;

let loaded: readonly LogMode[] | undefined;

export const logModes = (): readonly LogMode[] => {
  loaded ??= dataOf<readonly LogMode[]>('log-modes.json');
  return loaded;
};

const grave: ReadonlySet<string> = new Set(['error', 'panic', 'fatal']);
const loud: ReadonlySet<string> = new Set([...grave, 'warn', 'any']);

const levelsOf = (group: string): string[] =>
  logSignatures()
    .filter((signature) => groupOf(signature) === group)
    .map(({ level }) => level);

interface Hit {
  readonly mode: LogMode;
  readonly lines: number;
  /** Member id -> lines about it. */
  readonly about: ReadonlyMap<string, number>;
}

const statsIn = (summary: LogSummary, group: string): SignatureStats[] =>
  [...summary.signatures.values()].filter((stats) => stats.group === group);

/** Whom these lines name, by their share of the whole log: values of a field are not kept per line. */
const namedIn = (stats: readonly SignatureStats[], field: string): Map<string, number> => {
  const named = new Map<string, number>();
  let total = 0;
  for (const { value, count } of stats.flatMap((each) => each.texts.get(field)?.top ?? [])) {
    named.set(value, (named.get(value) ?? 0) + count);
    total += count;
  }
  return new Map([...named].map(([value, count]) => [value, count / total]));
};

interface Span {
  readonly from: number;
  readonly to: number;
}

const hitsOf = (memberId: string, log: MemberLog, span: Span): Hit[] =>
  logModes().flatMap((mode): Hit[] => {
    // Slices of one log overlap: the fullest counts.
    const lines = Math.max(
      0,
      ...log.summaries.map(({ summary }) =>
        statsIn(summary, mode.signature).reduce((sum, stats) => sum + windowOf(stats, span.from, span.to).count, 0),
      ),
    );
    if (lines === 0) return [];
    if (mode.about === null) return [{ mode, lines, about: new Map() }];
    const stats = log.summaries.flatMap(({ summary }) => statsIn(summary, mode.signature));
    const named = mode.about === undefined ? new Map<string, number>() : namedIn(stats, mode.about);
    const about =
      named.size === 0
        ? new Map([[memberId, lines]])
        : new Map([...named].map(([id, share]) => [id, share * lines] as const));
    return [{ mode, lines, about }];
  });

const levelsIn = (hits: readonly Hit[], levels: ReadonlySet<string>): number =>
  hits.reduce(
    (sum, { mode, lines }) => sum + (levelsOf(mode.signature).some((level) => levels.has(level)) ? lines : 0),
    0,
  );

/** The window, or for a member that does not answer the end of its log. */
const spanOf = (input: Case, memberId: string, log: MemberLog): Span => {
  const window = { from: input.window.from, to: input.window.to + 1 };
  const ends = log.summaries.flatMap(({ summary }) => (summary.lastTime === undefined ? [] : [summary.lastTime]));
  const end = Math.max(...ends);
  const gone = input.members.find(({ id }) => id === memberId)?.reachable === false;
  return gone && ends.length > 0 && end < window.from ? { from: end - lookBackMs, to: window.to } : window;
};

const add = (into: Map<string, number>, key: string, value: number): void => {
  into.set(key, (into.get(key) ?? 0) + value);
};

/**
 * A thousand of the same line are not a thousand signs, and a line that many causes write says little for each of them: a message
 * votes with the logarithm of its number, shared by the causes it leaves open.
 */
const voteOf = (lines: number, causes: number): number => Math.log2(1 + lines) / causes;

/** Most votes first, rules with equal votes together; votes to three digits, since equal sums differ in the last ones. */
const groupedByVotes = (votes: ReadonlyMap<string, number>): [string, string[]][] => {
  const groups = new Map<string, string[]>();
  for (const [rule, count] of votes) groups.set(count.toFixed(3), [...(groups.get(count.toFixed(3)) ?? []), rule]);
  return [...groups].sort((a, b) => Number(b[0]) - Number(a[0]));
};

const judge = (input: Case): BaselineAnswer => {
  const facts = createFacts(input);
  const logs = input.members.flatMap(({ id }) => {
    const log = facts.member(id, 'log');
    return log.ok ? [{ id, log: log.value }] : [];
  });
  const inWindow = logs.flatMap(({ id, log }) => hitsOf(id, log, spanOf(input, id, log)));
  const alarmed = levelsIn(inWindow, grave) > 0 || levelsIn(inWindow, loud) >= alarmAtLines;
  const earlier = { from: input.window.from - lookBackMs, to: input.window.to + 1 };
  const hits = levelsIn(inWindow, loud) > 0 ? inWindow : logs.flatMap(({ id, log }) => hitsOf(id, log, earlier));
  const votes = new Map<string, number>();
  const whom = new Map<string, Map<string, number>>();
  const bySignature = new Map<string, number>();
  for (const { mode, lines } of hits) add(bySignature, mode.signature, lines);
  for (const { mode, lines, about } of hits) {
    const all = bySignature.get(mode.signature) ?? lines;
    const vote = (voteOf(all, mode.points.length) * lines) / all;
    for (const rule of mode.points) {
      add(votes, rule, vote);
      const members = whom.get(rule) ?? new Map<string, number>();
      for (const [id, count] of about) add(members, id, (vote * count) / lines);
      whom.set(rule, members);
    }
  }
  // Rules with equally many votes cannot be told apart by counting: one suspect that leaves them all open.
  const suspects = groupedByVotes(votes).map(([count, rules]): Suspect => {
    const members = new Map<string, number>();
    for (const rule of rules) for (const [id, own] of whom.get(rule) ?? []) add(members, id, own);
    const most = Math.max(0, ...members.values());
    const meant = [...members].filter(([, own]) => own > most * memberShare).map(([id]) => id);
    const known = meant.filter((id) => input.members.some((member) => member.id === id));
    return { name: `${count} votes`, rules, members: unique(known.map((id) => memberName(input, id))) };
  });
  return {
    suspects,
    alarmed,
    healthy: !alarmed && logs.length > 0,
    detail: [...bySignature]
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .map(([signature, lines]) => `${signature}: ${lines}`),
  };
};

export const logCounting: Baseline = { id: 'log-counting', title: 'log counting', judge };
