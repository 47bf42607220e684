import type { MachineRecord } from '../../support/machine.js';
import type { Truth, VerdictKind } from '../truth.js';
import type { BaselineId, Suspect } from './baselines/answer.js';

/** `all`: the bundles of all nodes, merged; `one`: the bundle of one node. */
export type Mode = 'all' | 'one';

/** Right, wrong, or not applicable. */
export type Score = boolean | null;

export interface Scores {
  /** The first cause named is a true one; or there is none to name, and none is named. */
  readonly top1: Score;
  /** One of the first three is. */
  readonly top3: Score;
  /** The first cause named is about whom it was done to, and about nobody else. */
  readonly member: Score;
  readonly verdict: Score;
  /** Somebody is called exactly when somebody should be; null where either is right. */
  readonly alarm: Score;
  /** No wrong cause comes first: a true one does, or none at all. */
  readonly safe: Score;
}

export interface SaidCause {
  readonly rule: string;
  readonly severity: string;
  readonly confidence: string;
  /** Names of members; other subjects as `kind:name`. */
  readonly subjects: readonly string[];
}

/** What the report said, as far as it is scored. */
export interface Said {
  readonly verdict: VerdictKind;
  readonly causes: readonly SaidCause[];
}

/** A cause, symptom or risk of severity warning or above that the truth does not support. */
export interface FalseAlarm {
  readonly rule: string;
  readonly role: string;
  readonly severity: string;
  readonly subjects: readonly string[];
}

export interface BaselineRecord {
  readonly suspects: readonly Suspect[];
  readonly alarmed: boolean;
  readonly healthy: boolean;
  /** A verdict it never gives. */
  readonly scores: Scores;
}

/** One report on one run of one scenario. */
export interface ScoredRun {
  readonly scenario: string;
  readonly title: string;
  readonly family: string;
  /** Release line, and the exact versions of the members, each once. */
  readonly line: string;
  readonly versions: readonly string[];
  readonly mode: Mode;
  /** 1, 2, ... when a scenario is repeated. */
  readonly run: number;
  /** Factor of the faults' strengths; 1 as written. */
  readonly strength: number;
  /** Of all bundles of this report. */
  readonly bundleBytes: number;
  readonly seconds: {
    /** From the start of the collection to the written report. */
    readonly toReport: number;
    readonly collect: number;
    readonly analyse: number;
  };
  readonly truth: Truth;
  /** Names of the members it was done to. */
  readonly targets: readonly string[];
  /** Null when there was no report; `problem` says why. */
  readonly said: Said | null;
  readonly problem?: string;
  readonly falseAlarms: readonly FalseAlarm[];
  readonly scores: Scores;
  /** What the machine went through meanwhile; absent in older runs. */
  readonly machine?: MachineRecord;
  /** Absent where the bundle could not be opened. */
  readonly baselines: Readonly<Partial<Record<BaselineId, BaselineRecord>>>;
}

/** A scenario that gave no bundle. */
export interface Untaken {
  readonly scenario: string;
  readonly family: string;
  readonly line: string;
  readonly run: number;
  readonly strength: number;
  readonly problem: string;
  /** This machine cannot have the fault; otherwise something broke. */
  readonly unsupported: boolean;
}

export interface AccuracyFile {
  readonly format: 'etcd-evidence/accuracy/1';
  /** Version of Node that collector and analyzer ran on. */
  readonly node: string;
  readonly runs: readonly ScoredRun[];
  readonly untaken: readonly Untaken[];
}

type Key = Pick<ScoredRun, 'scenario' | 'family' | 'line' | 'run' | 'strength'> & { readonly mode?: Mode };

const keyOf = (each: Key): readonly (string | number)[] => [
  each.family,
  each.scenario,
  each.line,
  each.strength,
  each.mode ?? '',
  each.run,
];

const byKey = (a: Key, b: Key): number => {
  const [left, right] = [keyOf(a), keyOf(b)];
  for (const [i, value] of left.entries()) {
    const other = right[i] ?? '';
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
};

/** `later` over `earlier`: what both measured, and what one could take and the other not, is as `later` says. */
export const merged = (earlier: AccuracyFile, later: AccuracyFile): AccuracyFile => {
  const taken = (each: Key): string => JSON.stringify(keyOf({ ...each, mode: undefined as never }));
  const again = new Set([...later.runs, ...later.untaken].map(taken));
  const kept = <T extends Key>(list: readonly T[]): T[] => list.filter((each) => !again.has(taken(each)));
  return {
    ...later,
    runs: [...kept(earlier.runs), ...later.runs].sort(byKey),
    untaken: [...kept(earlier.untaken), ...later.untaken].sort(byKey),
  };
};

const sortedKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, own]) => [key, sortedKeys(own)]),
  );
};

const tenths = (value: number): number => Math.round(value * 10) / 10;

/** The file as text: runs and keys sorted, times to a tenth of a second, so that two files can be compared. */
export const accuracyText = (file: AccuracyFile): string => {
  const runs = [...file.runs].sort(byKey).map((run) => ({
    ...run,
    seconds: {
      toReport: tenths(run.seconds.toReport),
      collect: tenths(run.seconds.collect),
      analyse: tenths(run.seconds.analyse),
    },
  }));
  return `${JSON.stringify(sortedKeys({ ...file, runs, untaken: [...file.untaken].sort(byKey) }), null, 2)}\n`;
};

/** Reads `accuracyText`. Throws on anything else. */
export const parseAccuracy = (text: string): AccuracyFile => {
  const file = JSON.parse(text) as AccuracyFile;
  if (file?.format !== 'etcd-evidence/accuracy/1' || !Array.isArray(file.runs) || !Array.isArray(file.untaken))
    throw new Error('not an accuracy file of this version');
  return file;
};
