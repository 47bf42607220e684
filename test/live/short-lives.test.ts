/** A member that ends right after every start is there for moments only; what it wrote is evidence all the same. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { existsSync } from 'node:fs';
import { labDir, openLab } from '../lab/cluster/lab.js';
import { startProgram } from '../lab/cluster/member-process.js';
import { freePort } from '../lab/cluster/peer-proxy.js';
import { ensureEtcd } from '../support/etcd-binaries.js';
import { line, tempDir } from './harness.js';
import { collector, flagsFor, onlyBundleIn, start, wholeBundle } from './places-support.js';

test('a crash loop on a broken WAL: process, data dir and log are found between two lives', {
  timeout: 120_000,
}, async (t) => {
  const { etcd } = await ensureEtcd(line);
  const lab = openLab();
  t.after(() => lab.end());
  const dir = labDir(lab, 'm1');
  const [dataDir, log] = [join(dir, 'data'), join(dir, 'etcd.log')];
  mkdirSync(join(dataDir, 'member', 'wal'), { recursive: true, mode: 0o700 });
  mkdirSync(join(dataDir, 'member', 'snap'), { recursive: true, mode: 0o700 });
  writeFileSync(
    join(dataDir, 'member', 'wal', '0000000000000000-0000000000000000.wal'),
    'no record of a WAL'.repeat(100),
  );
  const [client, peer] = [
    `http://127.0.0.1:${await freePort('127.0.0.1')}`,
    `http://127.0.0.1:${await freePort('127.0.0.1')}`,
  ];
  const flags = [
    '--name=m1',
    `--data-dir=${dataDir}`,
    ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
    ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=m1=${peer}`],
  ];
  // As a service manager that restarts after 0.7 s: mostly there is no process.
  const loop = 'while :; do "$0" "$@" >>"$LOG" 2>&1; sleep 0.7; done';
  startProgram(lab, ['sh', '-c', loop, etcd, ...flags], {
    logFile: join(dir, 'sh.log'),
    env: { PATH: process.env.PATH ?? '', LOG: log },
  });
  for (let tries = 0; !existsSync(log) && tries < 100; tries += 1) await sleep(100);
  const out = tempDir(t);
  const { code, stderr } = await start([...collector, ...flagsFor([client])], { cwd: out }).ended;
  assert.equal(code, 4, stderr);
  const { manifest, state, files } = await wholeBundle(onlyBundleIn(out));
  const member = manifest.targets.find(({ kind }) => kind === 'member');
  assert.ok(member?.host !== undefined, 'the process was seen');
  for (const kind of ['server-log', 'datadir-listing', 'crash-markers', 'datadir-wal'])
    assert.ok(['ok', 'partial'].includes(state(kind) ?? ''), `${kind}: ${state(kind)}`);
  const text = files.find(({ path }) => /logs\/server.*\.log$/.test(path))?.content.toString('utf8') ?? '';
  assert.match(text, /wal|crc|panic|fatal/i);
});
