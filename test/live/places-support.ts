/** What the tests of restricted and hostile places share: run the collector inside of something, and check what it left. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, packageRoot } from '../../schemas/index.js';
import { type ReadFile, readArchive, textOf } from '../collector/read-archive.js';
import type { Ran } from './harness.js';

export const collector = [process.execPath, join(packageRoot, 'dist', 'collector', 'main.js')] as const;

export interface Running {
  readonly ended: Promise<Ran>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Resolves with the text on stderr once it matches; rejects when the program ends before. */
  readonly says: (pattern: RegExp) => Promise<string>;
}

/** Starts a command whose end is awaited apart; it is killed after `timeoutMs`, which fails the test that waits for it. */
export const start = (
  command: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly timeoutMs?: number } = {},
): Running => {
  const { cwd, env = process.env, timeoutMs = 60_000 } = options;
  const begun = performance.now();
  const [file = '', ...args] = command;
  // Its own group: what a killed wrapper leaves behind ends with it.
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'], ...(cwd === undefined ? {} : { cwd }) });
  let stdout = '';
  let stderr = '';
  let listener: () => void = () => undefined;
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    listener();
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      const elapsedMs = performance.now() - begun;
      if (signal === 'SIGKILL' && elapsedMs >= timeoutMs) reject(new Error(`it hung: ${command.join(' ')}\n${stderr}`));
      else
        resolve({ code: code ?? (signal === null ? null : 128 + (numbers[signal] ?? 0)), stdout, stderr, elapsedMs });
    });
  });
  ended.catch(() => undefined);
  const says = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      listener = () => {
        if (pattern.test(stderr)) resolve(stderr);
      };
      listener();
      ended.then(() => reject(new Error(`it ended before it said ${pattern}: ${stderr}`)), reject);
    });
  return { ended, says, kill: (signal) => void child.kill(signal) };
};

/** As a shell tells them. */
const numbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGKILL: 9,
  SIGTERM: 15,
};

/** What a run is started with, wherever it is: short, its names kept, its key in `dir`. */
export const flagsFor = (endpoints: readonly string[], ...more: readonly string[]): string[] => [
  '--endpoints',
  endpoints.join(','),
  '--rounds',
  '1',
  '--redact',
  'secrets-only',
  ...more,
];

export interface Whole {
  readonly manifest: Manifest;
  readonly files: readonly ReadFile[];
  readonly read: (path: string) => string;
  readonly state: (kind: string) => string | undefined;
}

/** Opens a bundle and checks that it is whole: every file as SHA256SUMS has it, and every planned item in one state. */
export const wholeBundle = async (path: string): Promise<Whole> => {
  const files = await readArchive(path);
  assert.equal(files.at(-1)?.path, 'SHA256SUMS', 'a bundle that is cut has no sums');
  const sums = textOf(files, 'SHA256SUMS').trimEnd().split('\n');
  assert.equal(sums.length, files.length - 1);
  for (const sum of sums) {
    const [hash = '', name = ''] = sum.split(/\s+\*?/);
    const content = files.find((file) => file.path === name)?.content;
    assert.ok(content !== undefined, name);
    assert.equal(createHash('sha256').update(content).digest('hex'), hash, name);
  }
  const manifest = JSON.parse(textOf(files, 'manifest.json')) as Manifest;
  const { planned, states } = manifest.completeness;
  assert.equal(
    Object.values(states).reduce((sum, count) => sum + count, 0),
    planned,
    'planned = sum of states',
  );
  return {
    manifest,
    files,
    read: (name) => textOf(files, name),
    state: (kind) => manifest.items.find((item) => item.kind === kind)?.state,
  };
};

/** The only bundle in a directory in which nothing else may lie but its map. */
export const onlyBundleIn = (dir: string): string => {
  const names = readdirSync(dir);
  const bundles = names.filter((name) => name.endsWith('.tar.gz'));
  assert.equal(bundles.length, 1, names.join(', '));
  const [bundle = ''] = bundles;
  const expected = [bundle, bundle.replace(/\.tar\.gz$/, '.map.json')];
  assert.deepEqual(
    names.filter((name) => !expected.includes(name)),
    [],
    'nothing else is left',
  );
  return join(dir, bundle);
};
