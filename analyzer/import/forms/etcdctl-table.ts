import type { Row } from './etcdctl-rows.js';

const RULE = /^\s*[+┌├└][-─+┬┼┴┤┐┘]+\s*$/;
const isRow = (line: string): boolean => /^\s*[|│].*[|│]\s*$/.test(line);

export const isTableLine = (line: string): boolean => RULE.test(line) || isRow(line);

const cellsOf = (line: string): string[] =>
  line
    .trim()
    .slice(1, -1)
    .split(/[|│]/)
    .map((cell) => cell.trim());

/**
 * The rows of one table by column. A cell that was broken over several lines is joined: the lines that go on have no first cell.
 * A heading may be broken too.
 */
export const rowsOfTable = (lines: readonly string[]): Row[] => {
  const sections: string[][][] = [[]];
  for (const line of lines) {
    if (RULE.test(line)) sections.push([]);
    else if (isRow(line)) sections.at(-1)?.push(cellsOf(line));
  }
  const [heading = [], ...bodies] = sections.filter((section) => section.length > 0);
  const width = heading[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, i) =>
    heading
      .map((cells) => cells[i] ?? '')
      .join(' ')
      .trim()
      .toUpperCase(),
  );
  const rows: string[][] = [];
  for (const cells of bodies.flat()) {
    const last = rows.at(-1);
    if (cells.length !== width) return [];
    if (cells[0] === '' && last !== undefined)
      for (const [i, cell] of cells.entries())
        last[i] = cell === '' ? (last[i] ?? '') : `${last[i] ?? ''} ${cell}`.trim();
    else rows.push(cells);
  }
  return rows.map((cells) => Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? ''])));
};
