import { cpuPressure, medianOf, type Sample } from './measure.js';

/** One line of the table. */
export interface Row {
  readonly name: string;
  /** What was measured, e.g. `wall`, `peak RSS`. */
  readonly figure: string;
  readonly value: number;
  readonly unit: 's' | 'ms' | 'MB' | 'x' | 'requests';
  readonly baseline?: { readonly name: string; readonly value: number };
  /** `value / baseline.value`. */
  readonly ratio?: number;
  readonly goal?: { readonly atMost: number; readonly of: 'value' | 'ratio'; readonly met: boolean };
}

export interface Result {
  readonly rows: readonly Row[];
  /** Every single run, for those who doubt the medians. */
  readonly samples: Readonly<Record<string, readonly Sample[]>>;
  /** Share of the time in which something waited for a CPU, percent, after the section. */
  readonly cpuPressure?: number;
}

const goal = (of: 'value' | 'ratio', atMost: number, actual: number) => ({ atMost, of, met: actual <= atMost });

/** Median wall time, against a goal in seconds when there is one. */
export function wallRow(name: string, samples: readonly Sample[], atMost?: number): Row {
  const value = medianOf(samples, (sample) => sample.wall);
  return {
    name,
    figure: 'wall',
    value,
    unit: 's',
    ...(atMost === undefined ? {} : { goal: goal('value', atMost, value) }),
  };
}

/** Median wall or CPU time against that of a baseline. */
export function ratioRow(
  name: string,
  figure: 'wall' | 'CPU',
  samples: readonly Sample[],
  baseline: { readonly name: string; readonly samples: readonly Sample[] },
  atMost?: number,
): Row {
  const pick = (sample: Sample): number => (figure === 'wall' ? sample.wall : sample.user + sample.system);
  const value = medianOf(samples, pick);
  const base = medianOf(baseline.samples, pick);
  const ratio = value / base;
  return {
    name,
    figure,
    value,
    unit: 's',
    baseline: { name: baseline.name, value: base },
    ratio,
    ...(atMost === undefined ? {} : { goal: goal('ratio', atMost, ratio) }),
  };
}

/** CPU seconds, user and system. */
export function cpuRow(name: string, samples: readonly Sample[]): Row {
  return { name, figure: 'CPU', value: medianOf(samples, ({ user, system }) => user + system), unit: 's' };
}

/** Largest peak of all runs, megabytes of 10^6. */
export function memoryRow(name: string, figure: string, bytes: readonly number[], atMost: number): Row {
  const value = Math.max(...bytes) / 1e6;
  return { name, figure, value, unit: 'MB', goal: goal('value', atMost, value) };
}

export async function resultOf(rows: readonly Row[], samples: Result['samples']): Promise<Result> {
  const pressure = await cpuPressure();
  return { rows, samples, ...(pressure === undefined ? {} : { cpuPressure: pressure }) };
}

const number = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(1));

/** The table as plain text. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map(({ name, figure, value, unit, baseline, ratio, goal: wanted }) => [
    name,
    figure,
    `${number(value)} ${unit}`,
    baseline === undefined ? '' : `${number(baseline.value)} ${unit} (${baseline.name})`,
    ratio === undefined ? '' : `${number(ratio)}x`,
    wanted === undefined
      ? ''
      : `${wanted.met ? 'met' : 'MISSED'}: at most ${wanted.atMost}${wanted.of === 'ratio' ? 'x' : ` ${unit}`}`,
  ]);
  const all = [['what', 'figure', 'median', 'baseline', 'ratio', 'goal'], ...cells];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
