import { basename } from 'node:path';
import { bytes, instant, percent } from '../report/format.js';
import { markdownText } from '../report/markdown-escape.js';
import type { TriageRow } from './row.js';

const HEAD = ['Case', 'Time (UTC)', 'Verdict', 'First cause', 'Confidence', 'Members', 'Size', 'Problems'] as const;

const more = (list: readonly string[]): string =>
  list.length < 2 ? (list[0] ?? '') : `${list[0] ?? ''} (and ${list.length - 1} more)`;

const nameOf = (row: TriageRow): string => {
  const [first] = row.files;
  return `${first === undefined ? row.case : basename(first)}${row.files.length > 1 ? ` + ${row.files.length - 1} more` : ''}`;
};

/** Names by the last part of the path, whole paths where two would be alike. */
const namesOf = (rows: readonly TriageRow[]): string[] => {
  const seen = new Map<string, number>();
  for (const row of rows) seen.set(nameOf(row), (seen.get(nameOf(row)) ?? 0) + 1);
  return rows.map((row) => (seen.get(nameOf(row)) === 1 ? nameOf(row) : row.case));
};

const cellsOf = (row: TriageRow, name: string): string[] => [
  name,
  row.from === null ? '' : instant(row.from),
  row.verdict ?? 'not analysed',
  row.cause === null
    ? ''
    : `${row.cause.rule}${row.cause.subjects.length === 0 ? '' : ` on ${row.cause.subjects.slice(0, 3).join(', ')}`}${row.causes > 1 ? ` (and ${row.causes - 1} more)` : ''}`,
  row.cause === null ? '' : `${row.cause.confidence} (${percent(row.cause.score * 100)})`,
  row.members === null ? '' : `${row.members.answered} of ${row.members.total}`,
  row.bytes === null ? '' : bytes(row.bytes),
  row.error ?? more(row.problems),
];

/** Rows as a table of GitHub-flavoured Markdown. */
export const markdownTable = (rows: readonly TriageRow[]): string => {
  const names = namesOf(rows);
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownText).join(' | ')} |`;
  return [
    line(HEAD),
    `|${HEAD.map((_, i) => (i === 5 || i === 6 ? '---:' : '---')).join('|')}|`,
    ...rows.map((row, i) => line(cellsOf(row, names[i] ?? row.case))),
    '',
  ].join('\n');
};

const MAX_CELL = 48;

/** Rows in columns for a terminal; the caller makes the text printable. */
export const textTable = (rows: readonly TriageRow[]): string => {
  const names = namesOf(rows);
  const cut = (text: string): string => {
    const flat = text.replace(/\s+/g, ' ');
    return flat.length > MAX_CELL ? `${flat.slice(0, MAX_CELL - 1)}…` : flat;
  };
  const all = [HEAD.map(String), ...rows.map((row, i) => cellsOf(row, names[i] ?? row.case).map(cut))];
  const widths = HEAD.map((_, column) => Math.max(...all.map((cells) => (cells[column] ?? '').length)));
  return `${all
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n`;
};
