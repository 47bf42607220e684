import type { PlannedRead } from '../here.js';
import { byName } from '../names.js';
import { columns, printable } from './tables.js';

/** Longest line, characters. */
const WIDTH = 118;

/** Lines of at most `width` characters, broken at blanks; a longer word stays whole. */
export const wrap = (text: string, width: number): string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
};

const titleOf = ({ kind, id }: PlannedRead['target']): string => (kind === 'cluster' ? kind : `${kind} ${id}`);

interface Row {
  readonly item: PlannedRead;
  times: number;
}

/** Rounds of one read are one row. */
const rowsOf = (items: readonly PlannedRead[]): Row[] => {
  const rows = new Map<string, Row>();
  for (const item of items) {
    const known = rows.get(item.probe);
    if (known === undefined) rows.set(item.probe, { item, times: 1 });
    else known.times += 1;
  }
  return [...rows.values()];
};

const cellsOf = ({ item, times }: Row): string[] => [
  item.probe,
  times === 1 ? 'once' : `${times} rounds`,
  item.sensitivity,
  item.impact,
  item.here === 'unknown' ? '?' : item.here,
  item.permission,
];

const HEAD = ['READ', 'WHEN', 'SENSITIVITY', 'IMPACT', 'HERE', 'NEEDS'];

/** A table whose last column is wrapped to what is left of the line. */
const table = (rows: readonly Row[]): string => {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const used = HEAD.slice(0, -1).reduce(
    (sum, _, column) => sum + 2 + Math.max(...cells.map((row) => row[column]?.length ?? 0)),
    2,
  );
  const wrapped = cells.flatMap((row) => {
    const [first = '', ...more] = wrap(row.at(-1) ?? '', WIDTH - used);
    const blank = row.slice(0, -1).map(() => '');
    return [[...row.slice(0, -1), first], ...more.map((line) => [...blank, line])];
  });
  return columns(wrapped)
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
};

/**
 * The plan for people, at most 118 columns wide: one table for all targets that get the same reads. The exact RPC, URL or
 * path of each read is in the JSON form. `names` are those of members by id.
 */
export const planTable = (items: readonly PlannedRead[], names: ReadonlyMap<string, string>): string => {
  const targets = new Map<string, PlannedRead[]>();
  for (const item of items) {
    const key = `${item.target.kind} ${item.target.id}`;
    targets.set(key, [...(targets.get(key) ?? []), item]);
  }
  const groups = new Map<string, { titles: string[]; rows: Row[] }>();
  for (const own of targets.values()) {
    const rows = rowsOf(own);
    const target = own[0]?.target;
    if (target === undefined) continue;
    const shape = JSON.stringify([target.kind, rows.map(cellsOf)]);
    const known = groups.get(shape) ?? { titles: [], rows };
    const name = names.get(target.id);
    known.titles.push(name === undefined ? titleOf(target) : `${target.kind} ${name} (${target.id})`);
    groups.set(shape, known);
  }
  const blocks = [...groups.values()].map(({ titles, rows }) => {
    const title = wrap(printable(titles.sort(byName).join(', ')), WIDTH).join('\n');
    return `${title}\n${table(rows)}`;
  });
  const foot = wrap(
    `${items.length} reads in all; nothing is written to the cluster. HERE: whether this vantage has the access (? is known only by trying). The exact RPC, URL or path of each: --format json.`,
    WIDTH,
  ).join('\n');
  return `${[...blocks, foot].join('\n\n')}\n`;
};
