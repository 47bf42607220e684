/** Recording on a real single-member etcd: conditions, Ctrl-C, a crash of the recorder, and what the analyzer makes of it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { extract } from 'tar';
import { type Manifest, packageRoot } from '../../schemas/index.js';
import { startCluster } from '../lab/cluster/cluster.js';
import { kill } from '../lab/faults/index.js';
import { analyse, itemsOf, line, program, tempDir } from './harness.js';

const options = { timeout: 180_000 };

/** A recorder as a user starts it, in the background. */
const recorder = (t: TestContext, args: readonly string[]) => {
  const child: ChildProcess = spawn(
    process.execPath,
    [
      join(packageRoot, 'dist', 'collector', 'main.js'),
      'record',
      '--interval',
      '1s',
      '--progress',
      'plain',
      '--redact',
      'secrets-only',
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  t.after(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, ended, said: () => stderr };
};

const until = async (what: string, holds: () => boolean): Promise<void> => {
  for (let i = 0; i < 600; i += 1) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what} did not come`);
};

const roundsIn = (ring: string): number =>
  existsSync(ring) ? readdirSync(ring).filter((name) => name.endsWith('.ring')).length : 0;

const manifestOf = async (t: TestContext, bundle: string): Promise<Manifest> => {
  const dir = tempDir(t);
  const open = join(dir, 'open');
  mkdirSync(open);
  await extract({ file: bundle, cwd: open });
  return JSON.parse(readFileSync(join(open, readdirSync(open)[0] ?? '', 'manifest.json'), 'utf8')) as Manifest;
};

const roundsOf = (manifest: Manifest, kind: string): Manifest['items'] =>
  manifest.items.filter((item) => item.kind === kind);

test(
  'a condition ends it: an ordinary bundle with the rounds before and after, and no ring left',
  options,
  async (t) => {
    const cluster = await startCluster({ version: line, size: 1 });
    t.after(() => cluster.dispose());
    const dir = tempDir(t);
    const bundle = join(dir, 'bundle.tar.gz');
    // The database of a new member is larger than this.
    const ran = recorder(t, [
      '--endpoints',
      cluster.endpoints().join(','),
      '--until',
      'db-size>1K',
      '--after',
      '4s',
      '-o',
      bundle,
    ]);
    assert.equal(await ran.ended, 0, ran.said());
    assert.match(ran.said(), /db-size>1K: the database of .* has \d+ bytes/);
    assert.deepEqual(readdirSync(dir), ['bundle.tar.gz']);
    const manifest = await manifestOf(t, bundle);
    assert.equal(manifest.endReason, 'finished');
    const rounds = manifest.synchronisation.length;
    assert.ok(rounds >= 3, `${rounds} rounds`);
    assert.deepEqual(
      manifest.synchronisation.map(({ round }) => round),
      Array.from({ length: rounds }, (_, k) => k),
    );
    for (const kind of ['endpoint-status', 'metrics', 'diskstats']) {
      assert.equal(roundsOf(manifest, kind).length, rounds, kind);
      assert.ok(
        roundsOf(manifest, kind).every(({ state }) => state === 'ok'),
        kind,
      );
    }
    // What is read once is there too.
    for (const kind of ['server-config', 'hashkv', 'member-list', 'alarm-list'])
      assert.equal(manifest.items.filter((item) => item.kind === kind && item.state === 'ok').length, 1, kind);
    const { report } = await analyse(bundle);
    assert.ok(report.provenance.bundles.every(({ intact, problems }) => intact && problems.length === 0));
    assert.equal(report.diagnosis.causes.length, 0);
  },
);

test('member-down: the member is killed, and the bundle holds it alive and dead', options, async (t) => {
  const cluster = await startCluster({ version: line, size: 1 });
  t.after(() => cluster.dispose());
  const dir = tempDir(t);
  const [bundle, ring] = [join(dir, 'bundle.tar.gz'), join(dir, 'ring')];
  const ran = recorder(t, [
    ...['--endpoints', cluster.endpoints().join(','), '--until', 'member-down', '--after', '2s'],
    ...['--ring', ring, '-o', bundle],
  ]);
  await until('three rounds', () => roundsIn(ring) >= 3);
  await kill(cluster, 0);
  assert.equal(await ran.ended, 3, ran.said());
  assert.match(ran.said(), /member-down: .* did not answer in 2 rounds, but before/);
  const manifest = await manifestOf(t, bundle);
  const [member] = manifest.targets.filter(({ kind }) => kind === 'member');
  const states = itemsOf(manifest, member?.id ?? '')
    .filter(({ kind }) => kind === 'endpoint-status')
    .map(({ state }) => state);
  assert.equal(states[0], 'ok');
  assert.notEqual(states.at(-1), 'ok');
  assert.ok(states.filter((state) => state !== 'ok').length >= 2);
  assert.equal(member?.reachable, true);
});

test(
  'Ctrl-C ends it with everything; a recorder that dies leaves a ring that seal and --resume take up',
  options,
  async (t) => {
    const cluster = await startCluster({ version: line, size: 1 });
    t.after(() => cluster.dispose());
    const dir = tempDir(t);
    const ring = join(dir, 'ring');
    const seeds = ['--endpoints', cluster.endpoints().join(',')];
    const first = recorder(t, [...seeds, '--ring', ring, '-o', join(dir, 'first.tar.gz')]);
    await until('three rounds', () => roundsIn(ring) >= 3);
    const busy = await program('collector', ['seal', ring, '-o', join(dir, 'busy.tar.gz')]);
    assert.equal(busy.code, 2, busy.stderr);
    assert.match(busy.stderr, /records into this ring/);
    first.child.kill('SIGKILL');
    await first.ended;
    const left = roundsIn(ring);
    assert.ok(!existsSync(join(dir, 'first.tar.gz')));

    const second = recorder(t, [
      '--endpoints',
      cluster.endpoints().join(','),
      '--resume',
      ring,
      '-o',
      join(dir, 'second.tar.gz'),
    ]);
    await until('one more round', () => roundsIn(ring) > left);
    second.child.kill('SIGKILL');
    await second.ended;
    const all = roundsIn(ring);
    const sealed = await program('collector', ['seal', ring, '-o', join(dir, 'sealed.tar.gz')]);
    assert.equal(sealed.code, 0, sealed.stderr);
    assert.ok(!existsSync(ring));
    const manifest = await manifestOf(t, join(dir, 'sealed.tar.gz'));
    assert.equal(manifest.synchronisation.length, all);
    const { report } = await analyse(join(dir, 'sealed.tar.gz'));
    assert.ok(report.provenance.bundles.every(({ intact }) => intact));

    const third = recorder(t, [...seeds, '--ring', ring, '-o', join(dir, 'third.tar.gz')]);
    await until('two rounds', () => roundsIn(ring) >= 2);
    third.child.kill('SIGINT');
    assert.equal(await third.ended, 0, third.said());
    const whole = await manifestOf(t, join(dir, 'third.tar.gz'));
    assert.equal(whole.endReason, 'finished');
    assert.equal(whole.items.filter(({ kind, state }) => kind === 'server-config' && state === 'ok').length, 1);
    assert.ok(!existsSync(ring));
  },
);
