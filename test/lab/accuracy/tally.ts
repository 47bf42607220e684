import { baselines } from './baselines/index.js';
import type { BaselineId } from './baselines/answer.js';
import type { AccuracyFile, Mode, Score, ScoredRun, Scores } from './record.js';

/** So many right of so many to which it applies. */
export interface Tally {
  readonly right: number;
  readonly of: number;
}

/** How one teller (the analyzer, or an alternative) did over some runs. */
export interface Tallies extends Readonly<Record<keyof Scores, Tally>> {
  readonly runs: number;
  /** Healthy controls on which it called nobody and said nothing untrue. */
  readonly quiet: Tally;
  /** Runs without a false alarm; none apply to an alternative. */
  readonly clean: Tally;
  /** Causes that the first answer leaves open, on average over the runs with an answer; null without any. */
  readonly open: number | null;
}

export type Metric = keyof Scores | 'quiet' | 'clean';
export type Teller = 'analyzer' | BaselineId;

export const tellers: readonly { readonly id: Teller; readonly title: string }[] = [
  { id: 'analyzer', title: 'etcd-analyze' },
  ...baselines.map(({ id, title }) => ({ id, title })),
];

export const share = ({ right, of }: Tally): number | null => (of === 0 ? null : right / of);

const tally = (scores: readonly Score[]): Tally => {
  const applicable = scores.filter((score) => score !== null);
  return { right: applicable.filter((score) => score).length, of: applicable.length };
};

/** Nothing was wrong with the cluster, and nothing else passes. */
export const isHealthyControl = ({ truth }: ScoredRun): boolean =>
  truth.causes.length === 0 && truth.verdict.every((kind) => kind === 'healthy');

const scoresBy = (run: ScoredRun, teller: Teller): Scores | undefined =>
  teller === 'analyzer' ? run.scores : run.baselines[teller]?.scores;

const firstAnswer = (run: ScoredRun, teller: Teller): number | undefined =>
  teller === 'analyzer'
    ? run.said?.causes[0] === undefined
      ? undefined
      : 1
    : run.baselines[teller]?.suspects[0]?.rules.length;

/** Runs that an alternative could not look at (the bundle did not open) count as wrong for nobody. */
export const tallies = (all: readonly ScoredRun[], teller: Teller = 'analyzer'): Tallies => {
  const runs = all.filter((run) => scoresBy(run, teller) !== undefined);
  const of = (metric: keyof Scores): Tally => tally(runs.map((run) => scoresBy(run, teller)?.[metric] ?? null));
  const healthy = runs.filter(isHealthyControl);
  const open = runs.flatMap((run) => firstAnswer(run, teller) ?? []);
  const clean = (run: ScoredRun): boolean => run.falseAlarms.length === 0;
  return {
    runs: runs.length,
    top1: of('top1'),
    top3: of('top3'),
    member: of('member'),
    verdict: of('verdict'),
    alarm: of('alarm'),
    safe: of('safe'),
    quiet: tally(
      healthy.map((run) => {
        const alarm = scoresBy(run, teller)?.alarm ?? null;
        return alarm === null ? null : alarm && (teller !== 'analyzer' || clean(run));
      }),
    ),
    clean: teller === 'analyzer' ? tally(runs.map(clean)) : { right: 0, of: 0 },
    open: open.length === 0 ? null : open.reduce((sum, count) => sum + count, 0) / open.length,
  };
};

export const metricNames: readonly { readonly metric: Metric; readonly title: string }[] = [
  { metric: 'top1', title: 'top-1' },
  { metric: 'top3', title: 'top-3' },
  { metric: 'member', title: 'member' },
  { metric: 'verdict', title: 'verdict' },
  { metric: 'alarm', title: 'alarm' },
  { metric: 'quiet', title: 'quiet' },
  { metric: 'clean', title: 'clean' },
];

/** What is wrong with a run, in the words of the tables; empty: nothing. */
export const faultsOf = (run: ScoredRun): string[] => [
  ...(run.said === null ? ['no report'] : []),
  ...(run.scores.top1 === false ? ['cause'] : []),
  ...(run.scores.member === false ? ['member'] : []),
  ...(run.scores.verdict === false ? ['verdict'] : []),
  ...(run.falseAlarms.length > 0 ? ['false alarm'] : []),
];

/** Groups in order of appearance. */
export const groupedBy = <T>(list: readonly T[], keyOf: (each: T) => string): [string, T[]][] => {
  const groups = new Map<string, T[]>();
  for (const each of list) groups.set(keyOf(each), [...(groups.get(keyOf(each)) ?? []), each]);
  return [...groups];
};

export const modeNames: Readonly<Record<Mode, string>> = { all: 'all nodes', one: 'one node' };

/** Runs at the strength the scenarios were written with. */
export const asWritten = (file: AccuracyFile): ScoredRun[] => file.runs.filter(({ strength }) => strength === 1);

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Release lines with the exact versions that ran, as text. */
export const versionsText = (runs: readonly ScoredRun[]): string =>
  groupedBy(runs, ({ line }) => line)
    .map(([line, own]) => `${line} (${[...new Set(own.flatMap((run) => run.versions))].sort(byText).join(', ')})`)
    .sort(byText)
    .join(', ') || '-';

/** By line, then mode (`all` first). */
export const columnsOf = (runs: readonly ScoredRun[]): { line: string; mode: Mode; runs: ScoredRun[] }[] =>
  groupedBy(
    [...runs].sort((a, b) => (a.line === b.line ? (a.mode < b.mode ? -1 : 1) : a.line < b.line ? -1 : 1)),
    ({ line, mode }) => `${line} ${mode}`,
  ).map(([, own]) => ({ line: own[0]?.line ?? '', mode: own[0]?.mode ?? 'all', runs: own }));

export const median = (values: readonly number[]): number | null => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
};

/** The part of an answer that repeated runs must share; members change roles between runs, so only whether it is the right one. */
const answerOf = ({ said, scores }: ScoredRun): string => {
  if (said === null) return 'no report';
  const [first] = said.causes;
  return `${said.verdict}: ${first?.rule ?? 'no cause'}${scores.member === false ? ' (wrong member)' : ''}`;
};

/** What a run said, for a line of text. */
export const saidText = ({ said, problem }: ScoredRun): string => {
  if (said === null) return `no report${problem === undefined ? '' : `: ${problem}`}`;
  const causes = said.causes
    .slice(0, 3)
    .map(({ rule, subjects }) => (subjects.length === 0 ? rule : `${rule} (${subjects.join(', ')})`));
  return `${said.verdict}: ${causes.length === 0 ? 'no cause' : causes.join('; ')}`;
};

/** Scenarios whose repeated runs were answered differently: the answers with their counts. */
export const unsteady = (
  file: AccuracyFile,
): { scenario: string; line: string; mode: Mode; strength: number; answers: [string, number][] }[] =>
  groupedBy(file.runs, ({ scenario, line, mode, strength }) => `${scenario} ${line} ${mode} ${strength}`).flatMap(
    ([, runs]) => {
      const answers = groupedBy(runs, answerOf).map(([answer, own]): [string, number] => [answer, own.length]);
      const [first] = runs;
      if (first === undefined || answers.length < 2) return [];
      const { scenario, line, mode, strength } = first;
      return [{ scenario, line, mode, strength, answers }];
    },
  );
