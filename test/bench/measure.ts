import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../schemas/index.js';
import { run } from '../support/run.js';

/** One run. Seconds; bytes. `user` and `system` are the kernel's figures for the process and what it waited for. */
export interface Sample {
  readonly wall: number;
  readonly user: number;
  readonly system: number;
  readonly rssBytes?: number;
}

export type Program = 'collector' | 'analyzer';

const hook = new URL('./usage-hook.js', import.meta.url).href;

/** Runs one of the two programs as a user would. Throws when it ends with a code that is not in `accept`, or past `timeoutMs`. */
export async function runProgram(
  program: Program,
  args: readonly string[],
  options: { readonly dir: string; readonly accept: readonly number[]; readonly timeoutMs: number },
): Promise<Sample> {
  const usage = join(options.dir, `usage-${program}.json`);
  await rm(usage, { force: true });
  const started = performance.now();
  const main = join(packageRoot, 'dist', program, 'main.js');
  const result = await run(process.execPath, ['--import', hook, main, ...args], {
    timeoutMs: options.timeoutMs,
    env: { ...process.env, BENCH_USAGE_FILE: usage },
  });
  const wall = (performance.now() - started) / 1000;
  if (result.code === null || !options.accept.includes(result.code)) {
    throw new Error(`${program} ended with ${result.code ?? result.signal}: ${result.stderr.trim().slice(-500)}`);
  }
  const { user, system, rssBytes } = JSON.parse(await readFile(usage, 'utf8')) as Required<Sample>;
  return { wall, user, system, rssBytes };
}

/** Runs a shell script, whose last command is to be anything; its CPU time is that of all it started. */
export async function runShell(script: string, args: readonly string[], timeoutMs: number): Promise<Sample> {
  const started = performance.now();
  const { stdout, code, stderr } = await run('sh', ['-c', `${script}\ntimes`, 'bench', ...args], { timeoutMs });
  const wall = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(`the baseline ended with ${code}: ${stderr.trim().slice(-500)}`);
  // The last line of `times` are the children: `0m3.81s 0m0.25s`.
  const [user = 0, system = 0] = (stdout.trim().split('\n').at(-1) ?? '').split(' ').map(seconds);
  return { wall, user, system };
}

function seconds(text: string): number {
  const match = /^(\d+)m([\d.,]+)s$/.exec(text);
  return match === null ? Number.NaN : Number(match[1]) * 60 + Number((match[2] ?? '').replace(',', '.'));
}

/** Middle value; the mean of the two middle ones of an even number. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const low = sorted[Math.ceil(half) - 1] ?? Number.NaN;
  return (low + (sorted[Math.floor(half)] ?? Number.NaN)) / 2;
}

export const medianOf = (samples: readonly Sample[], pick: (sample: Sample) => number): number =>
  median(samples.map(pick));

/** Runs two things in turns, A B A B, so that a busy moment of the machine hits both. */
export async function alternate(
  runs: number,
  a: () => Promise<Sample>,
  b: () => Promise<Sample>,
): Promise<{ a: Sample[]; b: Sample[] }> {
  const samples: { a: Sample[]; b: Sample[] } = { a: [], b: [] };
  for (let turn = 0; turn < runs; turn++) {
    samples.a.push(await a());
    samples.b.push(await b());
  }
  return samples;
}

/** How long runnable processes waited for a CPU, percent of the last 10 s; undefined where the kernel does not say. */
export async function cpuPressure(): Promise<number | undefined> {
  const text = await readFile('/proc/pressure/cpu', 'utf8').catch(() => '');
  const value = /^some avg10=([\d.]+)/.exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}
