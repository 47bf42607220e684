import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from '../../../../analyzer/bundle/index.js';
import { packageRoot } from '../../../../schemas/index.js';

export type BaselineId = 'mixin' | 'log-counting' | 'member-checks';

/** One thing an alternative says. It may leave several causes open: any of them that is true counts in its favour. */
export interface Suspect {
  /** What fired, in the alternative's own terms. */
  readonly name: string;
  /** Our rule ids that a knowledgeable reader would take from it. */
  readonly rules: readonly string[];
  /** Names of the members it points at; empty when it names none. */
  readonly members: readonly string[];
}

export interface BaselineAnswer {
  /** The one to believe first comes first. */
  readonly suspects: readonly Suspect[];
  /** It would call somebody. */
  readonly alarmed: boolean;
  /** It looked, and found nothing to call anybody for. False also when there was nothing to look at. */
  readonly healthy: boolean;
  /** What was seen, one line each. */
  readonly detail: readonly string[];
}

/** A plain alternative to the analyzer: a pure function of an opened case. Never throws on a case that has holes. */
export interface Baseline {
  readonly id: BaselineId;
  readonly title: string;
  readonly judge: (input: Case) => BaselineAnswer;
}

/** A data file of this directory; compiled files live in dist/, the data stays in the source tree. */
export const dataOf = <T>(file: string): T =>
  JSON.parse(readFileSync(join(packageRoot, 'test', 'lab', 'accuracy', 'baselines', file), 'utf8')) as T;

export const memberName = (input: Case, id: string): string => {
  const name = input.members.find((member) => member.id === id)?.name ?? '';
  return name === '' ? id : name;
};

export const unique = (list: Iterable<string>): string[] => [...new Set(list)].sort();
