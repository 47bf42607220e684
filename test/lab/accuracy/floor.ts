import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../schemas/index.js';
import type { AccuracyFile, Mode } from './record.js';
import { asWritten, columnsOf, isHealthyControl, type Metric, modeNames, share, tallies } from './tally.js';

/** The least share of right answers, 0..1, by release line and mode; what is not named has no floor. */
export interface Floor {
  readonly lines: Readonly<Record<string, Readonly<Partial<Record<Mode, Readonly<Partial<Record<Metric, number>>>>>>>>;
  /** At other strengths than written, over all lines and modes. */
  readonly otherStrengths?: Readonly<Partial<Record<Metric, number>>>;
}

/** The committed floor. */
export const committedFloor = (): Floor =>
  JSON.parse(readFileSync(join(packageRoot, 'test', 'lab', 'accuracy', 'floor.json'), 'utf8')) as Floor;

type Runs = AccuracyFile['runs'];

/** With fewer runs one may be wrong, whatever the floor; own estimate. */
const FEW = 20;

const wrongIn = (runs: Runs, metric: Metric): string[] => [
  ...new Set(
    runs
      .filter((run) =>
        metric === 'clean'
          ? run.falseAlarms.length > 0
          : metric === 'quiet'
            ? isHealthyControl(run) && (run.scores.alarm !== true || run.falseAlarms.length > 0)
            : run.scores[metric] === false,
      )
      .map(({ scenario }) => scenario),
  ),
];

const below = (what: string, runs: Runs, least: Readonly<Partial<Record<Metric, number>>>): string[] => {
  const all = tallies(runs);
  return Object.entries(least).flatMap(([name, floor]) => {
    const metric = name as Metric;
    const own = share(all[metric]);
    if (own === null || own >= floor) return [];
    const { right, of } = all[metric];
    // One wrong run among a few tells nothing about the share of many; a floor of one means every run.
    if (floor < 1 && right >= of - 1 && of < FEW) return [];
    return [`${what}: ${metric} is ${right} of ${of}, the floor is ${floor}: ${wrongIn(runs, metric).join(', ')}`];
  });
};

/** What is below the floor, one line each. Lines and modes that were not measured do not count; a scenario that broke does. */
export const floorViolations = (file: AccuracyFile, floor: Floor): string[] => [
  ...columnsOf(asWritten(file)).flatMap(({ line, mode, runs }) =>
    below(`${line}, ${modeNames[mode]}`, runs, floor.lines[line]?.[mode] ?? {}),
  ),
  ...below(
    'other strengths',
    file.runs.filter(({ strength }) => strength !== 1),
    floor.otherStrengths ?? {},
  ),
  ...file.untaken
    .filter(({ unsupported, line }) => !unsupported && floor.lines[line] !== undefined)
    .map(({ scenario, line, problem }) => `${line}: ${scenario} could not be scored: ${problem}`),
];
