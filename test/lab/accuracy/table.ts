import type { AccuracyFile, ScoredRun } from './record.js';
import {
  asWritten,
  columnsOf,
  faultsOf,
  groupedBy,
  median,
  metricNames,
  modeNames,
  saidText,
  type Tallies,
  type Tally,
  tallies,
  tellers,
  unsteady,
  versionsText,
} from './tally.js';

export const tallyText = ({ right, of }: Tally): string =>
  of === 0 ? '-' : `${right}/${of} ${Math.floor((100 * right) / of)}%`;

export const secondsText = (runs: readonly ScoredRun[]): string => {
  const value = median(runs.map(({ seconds }) => seconds.toReport));
  return value === null ? '-' : value.toFixed(1);
};

const columns = (rows: readonly (readonly string[])[]): string[] => {
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, i) => Math.max(cell.length, most[i] ?? 0)), []);
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
};

const header = ['', ...metricNames.map(({ title }) => title), 'causes left open', 's to report'];

export const openText = (open: number | null): string => (open === null ? '-' : open.toFixed(1));

const cellsOf = (own: Tallies): string[] => [
  ...metricNames.map(({ metric }) => tallyText(own[metric])),
  openText(own.open),
];

/** Rows of the analyzer and, below it, of the alternatives on the same runs. */
const rowsOf = (title: string, runs: readonly ScoredRun[]): string[][] =>
  tellers.flatMap((teller) => {
    const own = tallies(runs, teller.id);
    if (own.runs === 0) return [];
    const first = teller.id === 'analyzer';
    return [[first ? title : `  ${teller.title}`, ...cellsOf(own), first ? secondsText(runs) : '']];
  });

const familyRows = (runs: readonly ScoredRun[]): string[][] =>
  groupedBy(runs, ({ family }) => family).map(([family, own]) => [family, ...cellsOf(tallies(own)), secondsText(own)]);

const verdictOn = (runs: readonly ScoredRun[]): string => {
  const wrong = runs.filter((run) => faultsOf(run).length > 0);
  if (runs.length === 0) return '';
  const words = [...new Set(wrong.flatMap(faultsOf))].join(', ');
  if (wrong.length === 0) return runs.length === 1 ? 'ok' : `ok ${runs.length}x`;
  return runs.length === 1 ? words : `${words} ${wrong.length}/${runs.length}`;
};

/** One row per scenario, one column per line and mode; a cell says what was wrong, or `ok`. */
export const scenarioRows = (runs: readonly ScoredRun[]): { head: string[]; rows: string[][] } => {
  const places = columnsOf(runs).map(({ line, mode }) => ({ line, mode }));
  const only = (own: readonly ScoredRun[], place: { line: string; mode: string }): ScoredRun[] =>
    own.filter(({ line, mode }) => line === place.line && mode === place.mode);
  return {
    head: ['scenario', ...places.map(({ line, mode }) => `${line} ${modeNames[mode]}`), 's to report'],
    rows: groupedBy(runs, ({ scenario }) => scenario).map(([scenario, own]) => [
      scenario,
      ...places.map((place) => verdictOn(only(own, place))),
      secondsText(own),
    ]),
  };
};

const missLines = (runs: readonly ScoredRun[]): string[] =>
  runs
    .filter((run) => faultsOf(run).length > 0)
    .flatMap((run) => {
      const alarms = run.falseAlarms.map(({ rule, severity, role }) => `${rule} (${severity} ${role})`);
      return [
        `  ${run.scenario}, etcd ${run.line}, ${modeNames[run.mode]}${run.run > 1 ? `, run ${run.run}` : ''}: ${faultsOf(run).join(', ')}`,
        `    said ${saidText(run)}`,
        `    true ${run.truth.verdict.join(' or ')}: ${run.truth.causes.join(' or ') || 'no cause'}${run.targets.length === 0 ? '' : ` (${run.targets.join(', ')})`}`,
        ...(alarms.length === 0 ? [] : [`    not supported: ${alarms.join('; ')}`]),
      ];
    });

const strengthLines = (file: AccuracyFile): string[] => {
  const runs = file.runs.filter(({ strength }) => strength !== 1);
  return groupedBy(
    [...runs].sort((a, b) => a.strength - b.strength),
    ({ strength }) => String(strength),
  ).map(([strength, own]) => {
    const { top1, safe } = tallies(own);
    return `  x ${strength}: right ${tallyText(top1)}, right or silent ${tallyText(safe)}`;
  });
};

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', title, ...lines];

/** The result for a terminal; made for any part of the grid. */
export const textTable = (file: AccuracyFile): string => {
  const runs = asWritten(file);
  const scenarios = scenarioRows(runs);
  const count = new Set(file.runs.map(({ scenario }) => scenario)).size;
  return `${[
    `${file.runs.length} reports on ${count} scenarios; etcd ${versionsText(file.runs)}; Node ${file.node}`,
    ...(runs.length === 0
      ? []
      : [
          '',
          ...columns([
            header,
            ...columnsOf(runs).flatMap(({ line, mode, runs: own }) => rowsOf(`${line} ${modeNames[mode]}`, own)),
          ]),
          '',
          ...columns([['family', ...header.slice(1)], ...familyRows(runs)]),
          '',
          ...columns([scenarios.head, ...scenarios.rows]),
        ]),
    ...section('Wrong:', missLines(runs)),
    ...section('Other strengths:', strengthLines(file)),
    ...section(
      'Answered differently when repeated:',
      unsteady(file).map(
        ({ scenario, line, mode, answers }) =>
          `  ${scenario}, etcd ${line}, ${modeNames[mode]}: ${answers.map(([answer, times]) => `${times}x ${answer}`).join('; ')}`,
      ),
    ),
    ...section(
      'Not scored:',
      file.untaken.map(
        ({ scenario, line, problem, unsupported }) =>
          `  ${scenario}, etcd ${line}: ${unsupported ? 'not on this machine' : 'broke'}: ${problem}`,
      ),
    ),
  ].join('\n')}\n`;
};
