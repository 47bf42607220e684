import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../schemas/index.js';
import type { Planned } from './plan.js';

/** Start, warm-up, fault, 36 s of collection and the end take about 80 s; far above that something hangs. */
const RUN_LIMIT_MS = 420_000;

const takeOne = (planned: Planned, jobs: number, onLine: (text: string) => void): Promise<number | null> =>
  new Promise((resolve, reject) => {
    rmSync(planned.dir, { recursive: true, force: true });
    mkdirSync(planned.dir, { recursive: true });
    const script = join(packageRoot, 'dist', 'test', 'lab', 'accuracy', 'take.js');
    const args = [script, planned.scenario.id, planned.line, planned.dir, String(planned.strength)];
    // As many labs as jobs, unless the caller knows better.
    const env = { LAB_SLOTS: String(jobs), ...process.env };
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
    // SIGTERM lets the lab take back what it did; its reaper covers the rest.
    const timer = setTimeout(() => child.kill('SIGTERM'), RUN_LIMIT_MS);
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      onLine(text.trimEnd());
    });
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      writeFileSync(join(planned.dir, 'take.log'), log);
      resolve(code);
    });
  });

/** `taken.json` of a planned run lies there and tells of a finished run. */
export const isTaken = (planned: Planned): boolean => {
  const file = join(planned.dir, 'taken.json');
  return existsSync(file) && 'truth' in (JSON.parse(readFileSync(file, 'utf8')) as object);
};

/** Make all runs, `jobs` side by side; `done` is called after each. An interrupted process ends its children with it. */
export const takeAll = async (
  runs: readonly Planned[],
  jobs: number,
  done: (planned: Planned, code: number | null) => Promise<void>,
): Promise<void> => {
  const queue = [...runs];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const code = await takeOne(next, jobs, () => undefined);
      await done(next, code);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, runs.length) }, work));
};
