import { join } from 'node:path';
import type { EtcdLine } from '../../support/etcd-binaries.js';
import { hasStrength, truthOf } from '../play.js';
import type { Scenario } from '../scenario.js';
import type { Truth } from '../truth.js';
import type { AccuracyOptions } from './options.js';

/** One run to be made: a scenario on a line, with its directory. */
export interface Planned {
  readonly scenario: Scenario;
  readonly line: EtcdLine;
  readonly strength: number;
  /** From 1. */
  readonly turn: number;
  readonly dir: string;
  readonly truth: Truth;
}

/** Healthy controls, and faults that are there or not, have no strength to vary. */
const strengthsOf = (scenario: Scenario, strengths: readonly number[]): readonly number[] =>
  hasStrength(scenario) ? strengths : strengths.filter((each) => each === 1);

/** All runs that the options ask for; those that need the machine for themselves last. */
export const planRuns = (scenarios: readonly Scenario[], options: AccuracyOptions): readonly Planned[] => {
  const unknown = options.only.find((id) => scenarios.every((scenario) => scenario.id !== id));
  if (unknown !== undefined) throw new Error(`there is no scenario ${unknown}`);
  const chosen = scenarios.filter(
    (scenario) =>
      (options.only.length === 0 || options.only.includes(scenario.id)) &&
      (options.families.length === 0 || options.families.includes(scenario.family)) &&
      (!options.quick || scenario.quick === true),
  );
  const fits = (scenario: Scenario, line: EtcdLine): boolean => scenario.versions?.includes(line) ?? true;
  const turns = new Map(
    chosen.map((scenario, at) => {
      const lines = options.lines.filter((line) => fits(scenario, line));
      return [scenario, lines[at % Math.max(1, lines.length)]] as const;
    }),
  );
  const runs = options.lines.flatMap((line) =>
    chosen
      .filter((scenario) => (options.spread ? turns.get(scenario) === line : fits(scenario, line)))
      .flatMap((scenario) =>
        strengthsOf(scenario, options.strengths).flatMap((strength) =>
          Array.from({ length: options.repeat }, (_, at) => {
            const name = `${scenario.id}${strength === 1 ? '' : `_x${strength}`}${at === 0 ? '' : `_${at + 1}`}`;
            return {
              scenario,
              line,
              strength,
              turn: at + 1,
              dir: join(options.out, line, name),
              truth: truthOf(scenario),
            };
          }),
        ),
      ),
  );
  return [...runs.filter(({ scenario }) => scenario.alone !== true), ...runs.filter(({ scenario }) => scenario.alone)];
};
