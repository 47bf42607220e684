/**
 * Runs compiled tests: `run-tests.mjs [unit|live]... [--version 3.5] [--without faults,lab]` (live test files left out, by name).
 * Unit tests run side by side; live tests start real clusters and run one file at a time, so that they do not disturb each other.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tests = join(root, 'dist', 'test');
const args = process.argv.slice(2);
const at = args.indexOf('--version');
const version = at === -1 ? undefined : args[at + 1];
const leave = args.indexOf('--without');
const without = leave === -1 ? [] : (args[leave + 1] ?? '').split(',');
const only = args.filter((arg, i) => !arg.startsWith('--') && ![at, leave].some((flag) => flag !== -1 && i === flag + 1));
const wanted = only.length === 0 ? ['unit', 'live'] : only;

const files = readdirSync(tests, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js'))
  .sort()
  .map((file) => join(tests, file));
const isLive = (file) => relative(tests, file).startsWith('live');
const chosen = (file) => !without.includes(basename(file, '.test.js'));

const run = (name, list, concurrency) => {
  if (list.length === 0) return true;
  process.stderr.write(`\n== ${name}${version === undefined ? '' : ` on etcd ${version}`}: ${list.length} files\n`);
  const result = spawnSync(
    process.execPath,
    ['--test', `--test-concurrency=${concurrency}`, '--test-reporter=spec', ...list],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...(version === undefined ? {} : { ETCD_VERSION: version }) } },
  );
  return result.status === 0;
};

let ok = true;
if (wanted.includes('unit')) ok = run('unit', files.filter((file) => !isLive(file)), 2) && ok;
if (wanted.includes('live')) {
  const line = version ?? process.env.ETCD_VERSION ?? '3.5';
  const ready = spawnSync(process.execPath, [join(root, 'dist', 'scripts', 'etcd.js'), 'ensure', line], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (ready.status === 0) ok = run('live', files.filter(isLive).filter(chosen), 1) && ok;
  else {
    // On somebody's laptop that is no defect of the program; in CI nothing may go untested.
    process.stderr.write(`\nLIVE TESTS NOT RUN: no etcd ${line} could be had on this machine (see above).\n`);
    ok = ok && process.env.CI === undefined;
  }
}
process.exit(ok ? 0 : 1);
