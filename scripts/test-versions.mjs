/** Runs the live tests on every supported etcd line: 3.4 and 3.5 from packages, 3.6 and 3.7 built from their Go modules when Go is there. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..');
const hasGo = spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0;
const args = process.argv.slice(2);
const leave = args.indexOf('--without');
const without = leave === -1 ? [] : args.slice(leave, leave + 2);
const named = leave === -1 ? args : args.slice(0, leave);
const lines = named.length > 0 ? named : ['3.4', '3.5', '3.6', '3.7'];
const built = new Set(['3.6', '3.7']);
const results = [];

for (const line of lines) {
  const ready = spawnSync(process.execPath, [join(root, 'dist', 'scripts', 'etcd.js'), 'ensure', line], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (ready.status !== 0) {
    const excused = built.has(line) && !hasGo;
    results.push([line, excused ? 'not run: no Go here to build it, and no cached build' : 'FAILED: no etcd of this line could be had', excused]);
    continue;
  }
  const run = spawnSync(process.execPath, [join(here, 'run-tests.mjs'), 'live', '--version', line, ...without], { stdio: ['ignore', 'inherit', 'inherit'] });
  results.push([line, run.status === 0 ? 'passed' : 'FAILED', run.status === 0]);
}

process.stdout.write('\n');
for (const [line, text] of results) process.stdout.write(`etcd ${line}: ${text}\n`);
process.exit(results.every(([, , ok]) => ok) ? 0 : 1);
