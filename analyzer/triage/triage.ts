import { stat } from 'node:fs/promises';
import { type Extent, groupCases } from '../bundle/group.js';
import type { Pool } from './pool.js';
import type { Answer, Failed } from './protocol.js';
import type { TriageRow } from './row.js';

export interface TriageOptions {
  readonly pool: Pool;
  readonly signal: AbortSignal;
  /** Called after each file of the first pass, and each case of the second. */
  readonly progress: (pass: 'read' | 'analysed', done: number, of: number) => void;
  /** Rows in their final order, each as soon as all before it are there. */
  readonly onRow: (row: TriageRow) => Promise<void>;
}

const sizeOf = async (files: readonly string[]): Promise<number | null> => {
  let sum = 0;
  for (const file of files) {
    const stats = await stat(file).catch(() => undefined);
    if (stats === undefined || stats.isDirectory()) return null;
    sum += stats.size;
  }
  return sum;
};

const failedRow = (
  { error, exitCode }: Failed,
  extents: readonly Extent[],
): Omit<TriageRow, 'case' | 'files' | 'bytes'> => {
  const time = (ms: number): string | null => (Number.isFinite(ms) ? new Date(ms).toISOString() : null);
  return {
    clusterIds: [...new Set(extents.flatMap(({ clusterIds }) => clusterIds))].sort((a, b) => (a < b ? -1 : 1)),
    from: time(Math.min(...extents.map(({ from }) => from))),
    to: time(Math.max(...extents.map(({ to }) => to))),
    verdict: null,
    headline: null,
    cause: null,
    causes: 0,
    members: null,
    problems: [],
    error,
    exitCode,
  };
};

interface Unit {
  readonly files: readonly [string, ...string[]];
  readonly extents: readonly Extent[];
  /** Why it cannot be analysed, known from the first pass. */
  readonly failed?: Failed;
}

const unexpected = (answer: Answer): Failed =>
  answer.kind === 'failed'
    ? answer
    : { kind: 'failed', error: 'the thread gave another answer than it was asked for', exitCode: 1 };

/** Cases of the files: bundles of one cluster at one time (`groupCases`) together, what cannot be read by itself. In order of their first file. */
const casesOf = async (files: readonly string[], options: TriageOptions): Promise<readonly Unit[]> => {
  let done = 0;
  const scans = await Promise.all(
    files.map(async (file) => {
      const answer = await options.pool.run({ kind: 'scan', file });
      done += 1;
      options.progress('read', done, files.length);
      return { file, answer };
    }),
  );
  const units: Unit[] = [];
  const good: { readonly file: string; readonly extent: Extent }[] = [];
  for (const { file, answer } of scans)
    if (answer.kind === 'scanned') good.push({ file, extent: answer.extent });
    else units.push({ files: [file], extents: [], failed: unexpected(answer) });
  const place = new Map(files.map((file, index) => [file, index]));
  const order = (file: string): number => place.get(file) ?? 0;
  for (const group of groupCases(good, ({ extent }) => extent)) {
    const [first, ...rest] = group.map(({ file }) => file).sort((a, b) => order(a) - order(b));
    if (first !== undefined) units.push({ files: [first, ...rest], extents: group.map(({ extent }) => extent) });
  }
  return units.sort((a, b) => order(a.files[0]) - order(b.files[0]));
};

/** Triages bundles: cases in parallel, rows in the order of the files. Returns all rows. Rejects only when aborted, or when `onRow` does. */
export const triage = async (files: readonly string[], options: TriageOptions): Promise<readonly TriageRow[]> => {
  const { pool, signal } = options;
  const units = await casesOf(files, options);
  signal.throwIfAborted();
  const rows: TriageRow[] = [];
  let done = 0;
  const pending = units.map(async ({ files: own, extents, failed }): Promise<TriageRow> => {
    const answer = failed ?? (await pool.run({ kind: 'analyse', files: own }));
    const row = answer.kind === 'analysed' ? answer.row : failedRow(unexpected(answer), extents);
    done += 1;
    options.progress('analysed', done, units.length);
    const more = own.length > 1 ? ` + ${own.length - 1} more` : '';
    return { case: `${own[0]}${more}`, files: own, bytes: await sizeOf(own), ...row };
  });
  for (const each of pending) {
    const row = await each;
    signal.throwIfAborted();
    rows.push(row);
    await options.onRow(row);
  }
  return rows;
};
