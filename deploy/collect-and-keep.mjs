/**
 * For containers: runs etcd-collect once with the given arguments and then stays, so that the bundle can be fetched from /out.
 * A restarted container finds the mark of the first run and does not ask the cluster again, whatever came of it. Needs no shell and no other tool.
 *
 *   OUT           where the bundle goes (default /out)
 *   KEEP_SECONDS  how long to stay (default: until told to stop); then it ends with the exit code of the collector,
 *                 0 also for a bundle with gaps (3) or without a member that answered (4)
 *   COLLECTOR     the collector (default: etcd-collect.cjs beside this file)
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const out = process.env.OUT ?? '/out';
const mark = join(out, '.collected');
const collector = process.env.COLLECTOR ?? join(dirname(fileURLToPath(import.meta.url)), 'etcd-collect.cjs');
const seconds = Number(process.env.KEEP_SECONDS ?? Number.NaN);
const say = (text) => process.stderr.write(`${text}\n`);

/** Resolves with the exit code of the collector. It gets the signals, and still writes a partial bundle. */
const collectOnce = () =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [collector, ...process.argv.slice(2), '--output', `${out}/`], { stdio: 'inherit' });
    for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => child.kill(signal));
    child.on('error', () => resolve(1));
    child.on('exit', (code) => resolve(code ?? 1));
  });

/** Exit code of a run before this one. */
const before = () => {
  try {
    return Number.parseInt(readFileSync(mark, 'utf8'), 10);
  } catch {
    return undefined;
  }
};

let code = before();
if (code !== undefined) say(`etcd-collect ran in this pod before and ended with ${code}; nothing is collected again.`);
else {
  code = await collectOnce();
  try {
    writeFileSync(mark, `${code}\n`);
  } catch {
    say(`${out} cannot be written to; a restart of this container collects again.`);
  }
  say(`etcd-collect ended with ${code}; the bundle stays in ${out}.`);
}
const end = () => process.exit([3, 4].includes(code) ? 0 : code);
if (code === 130 || code === 143) end();
for (const signal of ['SIGTERM', 'SIGINT']) process.removeAllListeners(signal).on(signal, end);
// A usage error or a full disk is not kept: the pod shall show it.
if (![0, 3, 4].includes(code)) end();
setTimeout(end, Number.isFinite(seconds) ? seconds * 1000 : 2 ** 31 - 1);
