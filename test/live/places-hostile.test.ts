/**
 * The collector among things that hang, trickle, never end or grow: endpoints, file systems, pipes, logs. Every run ends in time with a
 * whole bundle, and one dead thing never hides the rest.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { UsageArtifact } from '../../schemas/index.js';
import { type Cluster, startCluster } from '../lab/cluster/cluster.js';
import { isRoot, onPath } from '../support/tools.js';
import { line, tempDir } from './harness.js';
import { collector, flagsFor, onlyBundleIn, start, type Whole, wholeBundle } from './places-support.js';

/** Far above what a run takes beside a limit that does not hold: one that unfolds a bomb, or keeps what never ends. */
const MAX_RSS = 320 * 2 ** 20;
const MB = 2 ** 20;

let cluster: Cluster;
before(async () => {
  cluster = await startCluster({ version: line, size: 1 });
});
after(() => cluster.dispose());

const usageOf = ({ read }: Whole): UsageArtifact => JSON.parse(read('collection/usage.json')) as UsageArtifact;

describe('endpoints', () => {
  /** A listener that does `answer` to whoever connects. */
  const listen = async (t: TestContext, answer: (socket: Socket) => void): Promise<string> => {
    const sockets = new Set<Socket>();
    const server: Server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      answer(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    return `http://127.0.0.1:${address.port}`;
  };

  test('silent, trickling and endless ones beside a healthy member', { timeout: 90_000 }, async (t) => {
    const silent = await listen(t, () => undefined);
    const trickling = await listen(t, (socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n');
        const timer = setInterval(() => socket.write('#'), 1000);
        socket.once('close', () => clearInterval(timer));
      });
    });
    const page = Buffer.from('# HELP etcd_x x\netcd_x 1\n'.repeat(4000));
    const endless = await listen(t, (socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4\r\n\r\n');
        const pour = (): void => {
          while (!socket.destroyed && socket.write(page));
        };
        socket.on('drain', pour);
        pour();
      });
    });
    const dir = tempDir(t);
    const endpoints = [...cluster.endpoints(), silent, trickling, endless];
    const run = start([...collector, ...flagsFor(endpoints, '--timeout', '2s', '--no-local')], { cwd: dir });
    const { code, stderr } = await run.ended;
    assert.equal(code, 3, stderr);
    const bundle = await wholeBundle(onlyBundleIn(dir));
    const { items, times, targets } = bundle.manifest;
    const found = (url: string, kind: string) => {
      const target = targets.find(({ endpoint }) => endpoint === url.slice('http://'.length));
      return items.find((item) => item.kind === kind && item.target.id === target?.id);
    };
    assert.equal(bundle.state('endpoint-status'), 'ok', 'the healthy member is whole');
    assert.equal(found(silent, 'endpoint-status')?.state, 'timeout');
    assert.equal(found(trickling, 'metrics')?.state, 'timeout');
    const poured = found(endless, 'metrics');
    assert.ok((poured?.bytesStored ?? 0) <= 33 * MB, `${poured?.bytesStored}`);
    t.diagnostic(
      `${Math.round(times.elapsedMs)} ms, ${Math.round(usageOf(bundle).maxRssBytes / MB)} MB, endless: ${poured?.state}`,
    );
    assert.ok(usageOf(bundle).maxRssBytes < MAX_RSS);
  });
});

describe('files', () => {
  const fifoIn = (dir: string): string => {
    const fifo = join(dir, 'fifo');
    assert.equal(spawnSync('mkfifo', [fifo]).status, 0);
    return fifo;
  };

  test('a FIFO as log, data dir and certificate', { timeout: 60_000 }, async (t) => {
    const [dir, keep] = [tempDir(t), tempDir(t)];
    const fifo = fifoIn(keep);
    const run = start([...collector, ...flagsFor(cluster.endpoints(), '--log', fifo, '--data-dir', fifo)], {
      cwd: dir,
    });
    const { code, stderr } = await run.ended;
    assert.equal(code, 3, stderr);
    const { state } = await wholeBundle(onlyBundleIn(dir));
    assert.equal(state('server-log'), 'failed');
    assert.equal(state('metrics'), 'ok');
    const tls = await start([...collector, ...flagsFor(cluster.endpoints(), '--cacert', fifo)], { cwd: keep }).ended;
    assert.equal(tls.code, 2, tls.stderr);
    assert.match(tls.stderr, /it is empty/);
  });

  test('a rotated log that is a bomb: bounded memory, and the log itself', { timeout: 60_000 }, async (t) => {
    const [dir, logs] = [tempDir(t), tempDir(t)];
    const log = join(logs, 'etcd.log');
    writeFileSync(log, '{"level":"info","ts":"2026-01-02T03:04:05.000Z","msg":"here"}\n');
    const member = gzipSync(Buffer.alloc(16 * MB, 'zeros of no use\n'));
    // 2 GB in members of 16 MB, one after another as gzip allows.
    for (let at = 0; at < 128; at += 1) appendFileSync(`${log}.1.gz`, member);
    const run = start([...collector, ...flagsFor(cluster.endpoints(), '--timeout', '20s', '--log', log)], { cwd: dir });
    const { code, stderr } = await run.ended;
    assert.equal(code, 0, stderr);
    const bundle = await wholeBundle(onlyBundleIn(dir));
    const item = bundle.manifest.items.find(({ kind }) => kind === 'server-log');
    assert.equal(item?.state, 'ok', JSON.stringify(item));
    assert.equal(bundle.files.filter(({ path }) => path.endsWith('all.log')).length, 1, 'the log itself is there');
    assert.ok(usageOf(bundle).maxRssBytes < MAX_RSS, `${usageOf(bundle).maxRssBytes}`);
  });

  for (const way of ['rename', 'copytruncate'] as const) {
    test(`a log that grows by 50 MB/s and rotates by ${way}`, { timeout: 60_000 }, async (t) => {
      // In memory where there is plenty: the disk of the machine is not what is tested.
      const logs = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'etcd-evidence-log-'));
      const log = join(logs, 'etcd.log');
      writeFileSync(log, '');
      const writer = spawn(process.execPath, ['-e', writerScript, log, way], {
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      t.after(async () => {
        const gone = once(writer, 'exit');
        writer.kill('SIGKILL');
        await gone;
        rmSync(logs, { recursive: true, force: true });
      });
      while (readFileSync(log).length < MB) await new Promise((resolve) => setTimeout(resolve, 50));
      const dir = tempDir(t);
      const run = start([...collector, ...flagsFor(cluster.endpoints(), '--log', log)], { cwd: dir });
      const { code, stderr } = await run.ended;
      assert.ok(code === 0 || code === 3, stderr);
      const bundle = await wholeBundle(onlyBundleIn(dir));
      const item = bundle.manifest.items.find(({ kind }) => kind === 'server-log');
      // 8 MB of the log, its head, and a quarter of that of the one before.
      assert.ok((item?.bytesStored ?? 0) <= 11 * MB, `${item?.bytesStored}`);
      assert.ok(usageOf(bundle).maxRssBytes < MAX_RSS, `${usageOf(bundle).maxRssBytes}`);
      t.diagnostic(
        `${item?.state}, ${item?.bytesStored} bytes of the log, ${Math.round(usageOf(bundle).maxRssBytes / MB)} MB`,
      );
    });
  }
});

/** Ten writes of 5 MB a second for at most 40 s; every 60 MB a rotation, of which one file is kept. */
const writerScript = `
  const fs = require('node:fs');
  const [log, way] = process.argv.slice(1);
  let size = 0;
  const started = Date.now();
  setInterval(() => {
    if (Date.now() - started > 40_000) process.exit();
    const ts = new Date().toISOString();
    const line = JSON.stringify({ level: 'info', ts, caller: 'x.go:1', msg: 'a line of a log that grows and grows' }) + '\\n';
    fs.appendFileSync(log, line.repeat(Math.floor(5e6 / line.length)));
    size += 5e6;
    if (size < 60e6) return;
    size = 0;
    if (way === 'rename') { fs.renameSync(log, log + '.1'); fs.writeFileSync(log, ''); }
    else { fs.copyFileSync(log, log + '.1'); fs.truncateSync(log); }
  }, 100);
`;

describe('file systems that hang', {
  skip:
    isRoot() && existsSync('/dev/fuse') && onPath('unshare') !== undefined
      ? false
      : 'needs root, unshare and /dev/fuse for a file system whose server never answers',
}, () => {
  /** Mounts a file system at `$1` whose server holds the device and says nothing. */
  const hang = 'mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 hung "$1"';
  const inMounts = (script: string, place: string, command: readonly string[]): string[] => [
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'bash',
    '-c',
    `exec 3<>/dev/fuse; ${script}`,
    'bash',
    place,
    ...command,
  ];
  const first = `${hang}; shift; "$@" 3<&-; code=$?; exec 3<&-; exit $code`;

  test('dead from the start, as log and data dir and through a link: in time, with the usual exit code', {
    timeout: 60_000,
  }, async (t) => {
    const [dir, keep] = [tempDir(t), tempDir(t)];
    const place = join(keep, 'dead');
    mkdirSync(place);
    spawnSync('ln', ['-s', place, join(keep, 'link')]);
    const flags = flagsFor(
      cluster.endpoints(),
      '--timeout',
      '20s',
      '--log',
      join(place, 'etcd.log'),
      '--log',
      join(keep, 'link', 'b.log'),
    );
    const { code, stderr, elapsedMs } = await start(inMounts(first, place, [...collector, ...flags]), { cwd: dir })
      .ended;
    assert.equal(code, 3, stderr);
    const { manifest, state } = await wholeBundle(onlyBundleIn(dir));
    const log = manifest.items.find(({ kind }) => kind === 'server-log');
    assert.deepEqual([log?.state, log?.reason], ['timeout', 'item-timeout'], JSON.stringify(log));
    for (const kind of ['endpoint-status', 'metrics', 'process', 'datadir-listing', 'psi'])
      assert.equal(state(kind), 'ok', kind);
    t.diagnostic(`${Math.round(elapsedMs)} ms`);
  });

  test('as the place of the bundle: exit 6, not a hang', { timeout: 60_000 }, async (t) => {
    const keep = tempDir(t);
    const place = join(keep, 'dead');
    mkdirSync(place);
    const flags = flagsFor(cluster.endpoints(), '-o', `${place}/`);
    const { code, stderr } = await start(inMounts(first, place, [...collector, ...flags]), { cwd: keep }).ended;
    assert.equal(code, 6, stderr);
    assert.match(stderr, /does not answer/);
  });

  test('that dies during the run: the bundle is whole, and the process ends', { timeout: 60_000 }, async (t) => {
    const [dir, keep] = [tempDir(t), tempDir(t)];
    const place = join(keep, 'dies');
    mkdirSync(place);
    writeFileSync(join(place, 'etcd.log'), 'a line\n');
    const err = join(keep, 'stderr');
    const later = `"\${@:2}" 3<&- 2>${err} & run=$!; for i in {1..400}; do grep -q "round 1 of" ${err} && break; sleep 0.05; done; ${hang}; wait $run; code=$?; exec 3<&-; exit $code`;
    const flags = flagsFor(
      cluster.endpoints(),
      '--log',
      join(place, 'etcd.log'),
      '--timeout',
      '2s',
      '--progress',
      'plain',
    );
    const more = [
      ...flags.filter((flag, at) => flag !== '--rounds' && flags[at - 1] !== '--rounds'),
      '--rounds',
      '2',
      '--window',
      '1500ms',
    ];
    const { code } = await start(inMounts(later, place, [...collector, ...more]), { cwd: dir }).ended;
    const stderr = readFileSync(err, 'utf8');
    // Node 20 has no way out but to kill itself.
    assert.ok(code === 3 || code === 137, `${code}: ${stderr}`);
    if (code === 137) assert.match(stderr, /a file system hangs and holds this process/);
    const { manifest, state } = await wholeBundle(onlyBundleIn(dir));
    assert.equal(manifest.items.find(({ kind }) => kind === 'server-log')?.state, 'timeout');
    assert.equal(state('metrics'), 'ok');
  });
});
