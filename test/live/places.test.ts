/**
 * The collector where it is hard to be: other users, no routes, read-only roots, full disks, signals. Each run ends in a whole bundle or
 * in the documented exit code, in time, and leaves no file under a name that promises more than is in it.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, startCluster } from '../lab/cluster/cluster.js';
import { isRoot, onPath } from '../support/tools.js';
import { line, tempDir } from './harness.js';
import { collector, flagsFor, onlyBundleIn, start, wholeBundle } from './places-support.js';

const canUnshare = isRoot() && onPath('unshare') !== undefined;
const skip = canUnshare ? false : 'needs root and unshare for a namespace of its own';

let cluster: Cluster;
before(async () => {
  cluster = await startCluster({ version: line, size: 1 });
});
after(() => cluster.dispose());

/** Flags against the member, with a series key of this test. */
const flags = (t: TestContext, ...more: readonly string[]): string[] =>
  flagsFor(cluster.endpoints(), '--series-key', join(tempDir(t), 'key'), ...more);

/** A shell script in a mount namespace of its own; the collector is `"$@"`. */
const inMounts = (script: string, command: readonly string[]): string[] => [
  'unshare',
  '--mount',
  '--propagation',
  'private',
  'sh',
  '-ec',
  script,
  'sh',
  ...command,
];

describe('no way to the endpoints', () => {
  test('no route at all: exit 4 at once with a bundle, not after the window', { skip, timeout: 60_000 }, async (t) => {
    const dir = tempDir(t);
    const endpoints = ['http://192.0.2.1:2379', 'http://192.0.2.2:2379', 'http://[2001:db8::3]:2379'];
    const run = start(['unshare', '--net', ...collector, '--endpoints', endpoints.join(','), '--no-local'], {
      cwd: dir,
      env: { ...process.env, HOME: dir },
    });
    const { code, stderr } = await run.ended;
    assert.equal(code, 4, stderr);
    const name = readdirSync(dir).find((file) => file.endsWith('.tar.gz')) ?? '';
    const { manifest } = await wholeBundle(join(dir, name));
    // The default window is 36 s.
    assert.equal(manifest.limits.rounds, 1);
    const status = manifest.items.filter(({ kind }) => kind === 'endpoint-status');
    assert.equal(status.length, 3);
    for (const { state, reason } of status) assert.deepEqual([state, reason], ['unreachable', 'no-route']);
  });
});

describe('nothing may be written', () => {
  const readOnly =
    'mount -o remount,bind,ro /; for at in /tmp /dev/shm; do mount -o remount,bind,ro $at 2>/dev/null || true; done;';

  test('read-only root, one writable directory', { skip, timeout: 60_000 }, async (t) => {
    const dir = tempDir(t);
    const out = join(dir, 'out');
    mkdirSync(out);
    const script = `mount --bind ${out} ${out}; mount --bind ${dir} ${dir}; mount --bind ${out} ${out}; mount -o remount,bind,ro ${dir}; ${readOnly} cd ${out}; exec "$@"`;
    const env = { ...process.env, HOME: dir };
    const run = start(inMounts(script, [...collector, ...flagsFor(cluster.endpoints())]), { env });
    const { code, stderr } = await run.ended;
    assert.equal(code, 0, stderr);
    await wholeBundle(onlyBundleIn(out));
  });

  test('nothing writable: exit 6 before anything is read, with what to do; -o - works', {
    skip,
    timeout: 60_000,
  }, async (t) => {
    const dir = tempDir(t);
    const env = { ...process.env, HOME: dir };
    const script = `mount --bind ${dir} ${dir}; mount -o remount,bind,ro ${dir}; ${readOnly} cd ${dir}; exec "$@"`;
    const refused = await start(inMounts(script, [...collector, ...flagsFor(cluster.endpoints())]), { env }).ended;
    assert.equal(refused.code, 6, refused.stderr);
    assert.match(refused.stderr, /read-only/);
    assert.match(refused.stderr, /-o - /);
    assert.ok(!refused.stderr.includes('round 1'), 'found out before the run');
    // In mode standard a key that cannot be kept lives for this run.
    const flagged = ['--endpoints', cluster.endpoints().join(','), '--rounds', '1', '-o', '-'];
    const streamed = await start(inMounts(script, [...collector, ...flagged]), { env }).ended;
    assert.equal(streamed.code, 0, streamed.stderr);
    const copy = join(tempDir(t), 'copy.tar.gz');
    writeFileSync(copy, Buffer.from(streamed.stdout, 'latin1'));
    const { manifest } = await wholeBundle(copy);
    assert.equal(manifest.redaction.mode, 'standard');
  });
});

describe('no space', () => {
  const onTmpfs = (dir: string, size: string, then: string): string =>
    `mount -t tmpfs -o size=${size} tmpfs ${dir}; cd ${dir}; ${then}`;

  test('less than any bundle needs: exit 6 before the run', {
    skip,
    timeout: 60_000,
  }, async (t) => {
    const dir = tempDir(t);
    const command = [...collector, ...flags(t)];
    const refused = await start(inMounts(onTmpfs(dir, '512k', 'exec "$@"'), command)).ended;
    assert.equal(refused.code, 6, refused.stderr);
    assert.match(refused.stderr, /full/);
    assert.match(refused.stderr, /To go on: .*-o/);
  });

  test('the disk fills up while the bundle is written: exit 6, nothing under the final name, no rest', {
    skip,
    timeout: 60_000,
  }, async (t) => {
    const dir = tempDir(t);
    const listing = join(tempDir(t), 'left');
    // Full from the first round on: the check before the run has passed by then.
    const script = onTmpfs(
      dir,
      '4m',
      `"$@" & run=$!; i=0; while ! grep -q 'round 1 of' ${listing}.err 2>/dev/null && [ $i -lt 400 ]; do sleep 0.05; i=$((i+1)); done; dd if=/dev/zero of=fill bs=4k count=2000 2>/dev/null || true; rc=0; wait $run || rc=$?; ls -A > ${listing}; exit $rc`,
    );
    const shell = ['sh', '-c', `exec "$@" 2>${listing}.err`, 'sh', ...collector, ...flags(t, '--progress', 'plain')];
    const { code } = await start(inMounts(script, shell)).ended;
    const { readFileSync } = await import('node:fs');
    const stderr = readFileSync(`${listing}.err`, 'utf8');
    assert.equal(code, 6, stderr);
    assert.match(stderr, /There is no bundle\. To go on/);
    assert.equal(readFileSync(listing, 'utf8').trim(), 'fill');
  });

  test('room for the essential only: a smaller bundle that says so', { skip, timeout: 60_000 }, async (t) => {
    const dir = tempDir(t);
    const log = join(tempDir(t), 'etcd.log');
    // Noise does not shrink: 6 MB of it do not fit.
    const { randomBytes } = await import('node:crypto');
    writeFileSync(
      log,
      randomBytes(4_500_000)
        .toString('base64')
        .replaceAll(/(.{100})/g, '$1\n'),
    );
    const copy = join(tempDir(t), 'copy');
    mkdirSync(copy);
    const script = onTmpfs(dir, '3m', `rc=0; "$@" || rc=$?; cp -a . ${copy}; exit $rc`);
    const { code, stderr } = await start(inMounts(script, [...collector, ...flags(t, '--log', log)])).ended;
    assert.equal(code, 3, stderr);
    const { manifest, state } = await wholeBundle(onlyBundleIn(copy));
    assert.equal(manifest.endReason, 'no-space');
    assert.equal(state('server-log'), 'skipped-by-budget');
    assert.equal(state('endpoint-status'), 'ok');
  });
});

describe('signals', () => {
  interface Moment {
    /** What the program says last before the signal; nothing: it is still being loaded. */
    readonly says?: RegExp;
    readonly laterMs: number;
    readonly twice?: true;
  }

  /** Spread over a whole run, from the load of the program to the writing. */
  const moments: readonly Moment[] = [
    { laterMs: 0 },
    { laterMs: 150 },
    { says: /looking for members/, laterMs: 0 },
    { says: /looking for members/, laterMs: 100, twice: true },
    { says: /^reading/m, laterMs: 0 },
    { says: /round 1 of/, laterMs: 0 },
    { says: /round 1 of/, laterMs: 400, twice: true },
    { says: /round 2 of/, laterMs: 0 },
    { says: /writing the bundle/, laterMs: 0 },
    { says: /writing the bundle/, laterMs: 60, twice: true },
  ];

  test('TERM and INT at ten moments, some twice: 143 and 130, a whole bundle or nothing', {
    timeout: 120_000,
  }, async (t) => {
    const one = async ({ says, laterMs, twice }: Moment, index: number): Promise<void> => {
      const dir = tempDir(t);
      const signal = index % 2 === 0 ? 'SIGTERM' : 'SIGINT';
      const window = ['--rounds', '2', '--window', '1s', '--progress', 'plain'];
      const run = start(
        [
          ...collector,
          ...flags(t).filter((flag, at, all) => flag !== '--rounds' && all[at - 1] !== '--rounds'),
          ...window,
        ],
        { cwd: dir },
      );
      if (says !== undefined) await run.says(says);
      await sleep(laterMs);
      const sentAt = performance.now();
      run.kill(signal);
      if (twice === true) {
        await Promise.race([sleep(150), run.ended]);
        run.kill(signal);
      }
      const { code, stderr } = await run.ended;
      const what = `${signal} ${laterMs} ms after ${says?.source ?? 'the start'}${twice === true ? ', twice' : ''}`;
      const names = readdirSync(dir);
      t.diagnostic(`${what}: ${code} in ${Math.round(performance.now() - sentAt)} ms, ${names.length} files`);
      assert.equal(code, signal === 'SIGTERM' ? 143 : 130, `${what}\n${stderr}`);
      if (names.length === 0) {
        assert.ok(says === undefined || twice === true, `${what}: no bundle\n${stderr}`);
        return;
      }
      const { manifest } = await wholeBundle(onlyBundleIn(dir));
      assert.ok(['signal', 'finished'].includes(manifest.endReason), manifest.endReason);
    };
    // Two at a time: one waits while the other works.
    for (let at = 0; at < moments.length; at += 2)
      await Promise.all(moments.slice(at, at + 2).map((moment, offset) => one(moment, at + offset)));
  });

  test('a lost connection ends the run with a bundle', { timeout: 60_000 }, async (t) => {
    const dir = tempDir(t);
    const run = start([...collector, ...flags(t, '--progress', 'plain')], { cwd: dir });
    await run.says(/^reading/m);
    run.kill('SIGHUP');
    const { code, stderr } = await run.ended;
    assert.equal(code, 143, stderr);
    await wholeBundle(onlyBundleIn(dir));
  });

  test('whoever reads its messages goes away: the bundle is written all the same', { timeout: 60_000 }, async (t) => {
    const dir = tempDir(t);
    const shell = ['sh', '-c', '{ "$@"; echo $? > code; } 2>&1 | head -n 1', 'sh', ...collector];
    await start([...shell, ...flags(t, '--progress', 'plain')], { cwd: dir }).ended;
    const { readFileSync, rmSync } = await import('node:fs');
    assert.equal(readFileSync(join(dir, 'code'), 'utf8').trim(), '0');
    rmSync(join(dir, 'code'));
    await wholeBundle(onlyBundleIn(dir));
  });
});
