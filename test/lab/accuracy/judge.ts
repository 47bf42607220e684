import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot, type Report } from '../../../schemas/index.js';
import { run } from '../../support/run.js';
import type { Taken, TakenRun } from './taken.js';

/** `all`: the bundles of all nodes merged; `one`: that of one node alone. */
export type Mode = 'all' | 'one';

/** What the analyzer, as its own process, made of the bundles of one run. */
export interface Judged {
  readonly mode: Mode;
  /** Bundles, as paths. */
  readonly files: readonly string[];
  readonly report: Report;
  /** From the start of the collection to the report. */
  readonly seconds: { readonly collect: number; readonly analyse: number };
}

export const readTaken = (dir: string): Taken => JSON.parse(readFileSync(join(dir, 'taken.json'), 'utf8')) as Taken;

const judgeMode = async (dir: string, taken: TakenRun, mode: Mode): Promise<Judged> => {
  // 0 and 3 (partial) leave a bundle; a node without one does not hide the others.
  const nodes = taken.nodes.filter(
    (node) => (node.exit === 0 || node.exit === 3) && (mode === 'all' || node.member === taken.one),
  );
  const files = nodes.map((node) => join(dir, node.file));
  if (files.length === 0) throw new Error(`no bundle: ${taken.nodes.map((node) => node.stderr.trim()).join(' | ')}`);
  const main = join(packageRoot, 'dist', 'analyzer', 'main.js');
  const started = performance.now();
  const ran = await run(process.execPath, [main, ...files, '--format', 'json'], { timeoutMs: 120_000 });
  const analyse = (performance.now() - started) / 1000;
  let report: Report;
  try {
    report = JSON.parse(ran.stdout) as Report;
  } catch {
    throw new Error(`etcd-analyze gave no report (exit ${ran.code}): ${ran.stderr.slice(-500)}`);
  }
  return { mode, files, report, seconds: { collect: Math.max(...nodes.map((node) => node.seconds)), analyse } };
};

/** Both modes of a run; one when the cluster has only one node to collect on. */
export const judge = async (dir: string, taken: TakenRun): Promise<readonly Judged[]> => {
  const all = await judgeMode(dir, taken, 'all');
  return taken.nodes.length < 2 ? [all] : [all, await judgeMode(dir, taken, 'one')];
};
