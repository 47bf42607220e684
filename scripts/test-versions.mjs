/**
 * Runs the live tests on every supported etcd line: 3.4 and 3.5 from packages, 3.6 and 3.7 built from their Go modules when Go is there.
 * `test-versions.mjs [3.4 3.6]... [--without faults,lab] [--jobs 2]`: so many lines side by side, each told when it has ended.
 */
import { spawn, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..');
const hasGo = spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0;
const args = process.argv.slice(2);
const optionAt = (name) => {
  const at = args.indexOf(name);
  return at === -1 ? [] : args.splice(at, 2);
};
const without = optionAt('--without');
const jobs = Number(optionAt('--jobs')[1] ?? 1);
const lines = args.length > 0 ? args : ['3.4', '3.5', '3.6', '3.7'];
const built = new Set(['3.6', '3.7']);
const results = new Map();

const ready = lines.filter((line) => {
  const ensured = spawnSync(process.execPath, [join(root, 'dist', 'scripts', 'etcd.js'), 'ensure', line], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (ensured.status === 0) return true;
  const excused = built.has(line) && !hasGo;
  results.set(line, [excused ? 'not run: no Go here to build it, and no cached build' : 'FAILED: no etcd of this line could be had', excused]);
  return false;
});

const runLine = (line) =>
  new Promise((resolve) => {
    const said = [];
    const run = spawn(process.execPath, [join(here, 'run-tests.mjs'), 'live', '--version', line, ...without], { stdio: ['ignore', 'pipe', 'pipe'] });
    // Of several lines at once only whole reports can be read.
    const tell = (chunk) => (jobs > 1 ? said.push(chunk) : process.stdout.write(chunk));
    run.stdout.on('data', tell);
    run.stderr.on('data', tell);
    run.on('close', (status) => {
      process.stdout.write(Buffer.concat(said));
      results.set(line, [status === 0 ? 'passed' : 'FAILED', status === 0]);
      resolve();
    });
  });

const waiting = [...ready];
const worker = async () => {
  for (let line = waiting.shift(); line !== undefined; line = waiting.shift()) await runLine(line);
};
await Promise.all(Array.from({ length: Math.max(1, jobs) }, worker));

process.stdout.write('\n');
for (const line of lines) process.stdout.write(`etcd ${line}: ${results.get(line)[0]}\n`);
process.exit(lines.every((line) => results.get(line)[1]) ? 0 : 1);
