/**
 * `npm run demo`: a real cluster, a real fault, a real diagnosis.
 * Starts three etcd members on loopback, makes one of them sick, collects, analyses, prints the verdict and where the files are.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../schemas/index.js';
import type { Report } from '../schemas/index.js';
import { startCluster, type Cluster } from '../test/lab/cluster/cluster.js';
import { type EtcdBinaries, EtcdUnavailable, findEtcd } from '../test/support/etcd-binaries.js';
import { type Fault, FaultUnsupported, pause, putLoad, slowFsync } from '../test/lab/faults/index.js';

const outDir = join(packageRoot, 'out', 'demo');
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Runs one of the two programs as a user would; resolves with its exit code. */
const run = (program: 'collector' | 'analyzer', args: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    say(`\n$ ${program === 'collector' ? 'etcd-collect' : 'etcd-analyze'} ${args.join(' ')}`);
    const child = spawn(process.execPath, [join(packageRoot, 'dist', program, 'main.js'), ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });

const analyse = async (bundle: string): Promise<void> => {
  const code = await run('analyzer', [
    bundle,
    '--format',
    'html',
    '--format',
    'markdown',
    '--format',
    'json',
    '-o',
    `${outDir}/`,
  ]);
  const json = readdirSync(outDir).find((file) => file.endsWith('.json'));
  if (json === undefined)
    throw new Error(`etcd-analyze ended with exit code ${code} and wrote no report into ${outDir}`);
  const report = JSON.parse(readFileSync(join(outDir, json), 'utf8')) as Report;
  say(`\nVerdict   ${report.verdict.kind}: ${report.verdict.headline}`);
  say(`Because   ${report.verdict.summary}`);
  for (const [i, cause] of report.diagnosis.causes.entries()) {
    say(
      `Cause ${i + 1}   ${cause.rule} on ${cause.subjects.map((s) => s.name ?? s.id).join(', ')} (confidence ${cause.confidence.level})`,
    );
  }
  for (const step of report.actions.slice(0, 3)) say(`Do        ${step.text} [${step.tag}]`);
  say(`\nBundle    ${bundle}`);
  for (const file of readdirSync(outDir).sort()) if (!file.endsWith('.tar.gz')) say(`Report    ${join(outDir, file)}`);
};

const makeSick = async (cluster: Cluster): Promise<{ fault: Fault; text: string }> => {
  const leader = await cluster.leader();
  try {
    const fault = await slowFsync(cluster, leader.index, { ms: 120 });
    return { fault, text: `every WAL sync of the leader ${leader.name} now takes 120 ms longer` };
  } catch (error) {
    if (!(error instanceof FaultUnsupported)) throw error;
    say(`(no slow disk here: ${error.message})`);
    const victim = cluster.members.find((member) => member.index !== leader.index) ?? leader;
    return {
      fault: await pause(cluster, victim.index),
      text: `${victim.name} is stopped with SIGSTOP: it accepts connections and never answers`,
    };
  }
};

const onRealCluster = async (binaries: EtcdBinaries): Promise<void> => {
  say('Starting three etcd members on loopback...');
  const cluster = await startCluster({ binaries, size: 3 });
  try {
    const load = await putLoad(cluster, { clients: 2, valueBytes: 1024, seconds: 60, rate: 60 });
    const { fault, text } = await makeSick(cluster);
    say(`The fault: ${text}.`);
    const bundle = join(outDir, 'demo.tar.gz');
    const code = await run('collector', [
      '--endpoints',
      cluster.endpoints().join(','),
      '--quick',
      '--redact',
      'secrets-only',
      '--label',
      'demo',
      '-o',
      bundle,
    ]);
    await fault.undo();
    await load.stop();
    if (!existsSync(bundle)) throw new Error(`etcd-collect ended with exit code ${code} and wrote no bundle`);
    await analyse(bundle);
  } finally {
    await cluster.dispose();
  }
};

const main = async (): Promise<void> => {
  mkdirSync(outDir, { recursive: true });
  let binaries: EtcdBinaries;
  try {
    binaries = await findEtcd();
  } catch (error) {
    if (!(error instanceof EtcdUnavailable)) throw error;
    say(`No etcd could be had on this machine (${error.message}).`);
    say('Analysing a bundle that was captured from a real cluster with a slow disk instead.');
    await analyse(join(packageRoot, 'fixtures', 'bundles', 'slow-fsync-leader-3.5', 'bundle'));
    return;
  }
  await onRealCluster(binaries);
};

await main();
