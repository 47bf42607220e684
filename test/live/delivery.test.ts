/**
 * The files of a release, as they arrive: from an empty directory, with an empty environment, and where this machine can do it without any
 * network but a loopback of their own. What they write is compared with what the sources write.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HEADER_PATH, MANIFEST_PATH, type Manifest, packageRoot, type UsageArtifact } from '../../schemas/index.js';
import { generateLog } from '../bench/generate-log.js';
import { packWithLog } from '../bench/pack-bundle.js';
import { labDir, openLab } from '../lab/cluster/lab.js';
import { type Program, startProgram } from '../lab/cluster/member-process.js';
import { ensureEtcd, etcdCacheDir, type EtcdLine } from '../support/etcd-binaries.js';
import { type RunResult, run, runOk } from '../support/run.js';
import { isRoot, onPath } from '../support/tools.js';
import { line, tempDir } from './harness.js';

const node = process.execPath;
const executable = `etcd-collect-${process.platform}-${process.arch}`;
let release = '';
/** What does not depend on etcd is run with one line of it. */
const skip = line === '3.5' ? false : 'the same for every etcd';

before(async () => {
  release = mkdtempSync(join(tmpdir(), 'etcd-evidence-release-'));
  await runOk(node, [join(packageRoot, 'dist', 'scripts', 'package.js'), '--out', release], { timeoutMs: 240_000 });
});
after(() => rmSync(release, { recursive: true, force: true }));

/** A network namespace with its loopback, for one etcd and who asks it; the host's own where there is no right to make one. */
const isolated =
  isRoot() && onPath('unshare') !== undefined && onPath('nsenter') !== undefined && onPath('ip') !== undefined;
const client = 'http://127.0.0.1:39479';
const peer = 'http://127.0.0.1:39480';

/** Reads the manifest and another JSON file of a bundle with the tar of the system. */
const readJson = async <T>(bundle: string, file: string): Promise<T> =>
  JSON.parse((await runOk('tar', ['xzOf', bundle, '--wildcards', `*/${file}`])).stdout) as T;

interface Delivered {
  readonly member: Program;
  /** Runs a command where the member is, with an empty environment. */
  readonly inside: (command: readonly string[], cwd: string) => Promise<RunResult>;
  readonly dataDir: string;
  readonly ways: Readonly<Record<'sources' | 'file' | 'executable', readonly string[]>>;
}

/** A member in a network namespace of its own, and the programs as they arrive in a directory without anything else. */
const deliver = async (t: TestContext, of: EtcdLine): Promise<Delivered> => {
  const { etcd } = await ensureEtcd(of);
  const lab = openLab();
  t.after(() => lab.end());
  const dir = labDir(lab, 'delivery');
  const flags = [
    '--name=m1',
    `--data-dir=${join(dir, 'data')}`,
    ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
    ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=m1=${peer}`],
  ];
  const member = startProgram(
    lab,
    isolated
      ? ['unshare', '-n', '--', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"', etcd, ...flags]
      : [etcd, ...flags],
    { logFile: join(dir, 'log'), env: { PATH: process.env.PATH ?? '' } },
  );
  const inside = (command: readonly string[], cwd: string): Promise<RunResult> => {
    const [file = '', ...args] = isolated
      ? ['nsenter', '-t', String(member.pid), '-n', '--', 'env', '-i', ...command]
      : ['env', '-i', ...command];
    return run(file, args, { cwd, timeoutMs: 60_000 });
  };
  const asks = `require('node:http').get('${client}/health', (answer) => process.exit(answer.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))`;
  for (let tries = 0; (await inside([node, '-e', asks], dir)).code !== 0; tries += 1) {
    assert.ok(tries < 100 && member.running(), 'the member did not come up');
    await sleep(200);
  }
  const arrived = tempDir(t);
  for (const file of ['etcd-collect.cjs', executable]) cpSync(join(release, file), join(arrived, file));
  const ways = {
    sources: [node, join(packageRoot, 'dist', 'collector', 'main.js')],
    file: [node, join(arrived, 'etcd-collect.cjs')],
    executable: [join(arrived, executable)],
  };
  return { member, inside, dataDir: join(dir, 'data'), ways };
};

/** Runs all three ways, each from an empty directory, and compares what they wrote: items, their paths and states, and the files of the bundle. */
const compare = async (t: TestContext, { inside, ways }: Delivered, sampling: readonly string[]): Promise<void> => {
  const layouts = new Map<string, unknown>();
  for (const [name, command] of Object.entries(ways)) {
    const empty = tempDir(t);
    const ran = await inside([...command, '--endpoints', client, ...sampling, '--redact', 'secrets-only'], empty);
    assert.equal(ran.code, 0, `${name}: ${ran.stderr}`);
    const bundle = ran.stdout.trim();
    assert.deepEqual(
      readdirSync(empty).map((file) => join(empty, file)),
      [bundle],
      'the bundle is all that is left behind',
    );
    const manifest = await readJson<Manifest>(bundle, 'manifest.json');
    const root = manifest.bundleId.slice(0, 8);
    const files = (await runOk('tar', ['tzf', bundle])).stdout.trimEnd().split('\n');
    assert.ok(files.every((file) => (file.split('/')[0] ?? '').includes(root)));
    layouts.set(name, {
      items: manifest.items
        .map(({ id, kind, paths, state }) => ({ id, kind, paths, state }))
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
      files: files.map((file) => file.slice(file.indexOf('/') + 1)),
    });
    assert.ok(manifest.items.length > 30, `${manifest.items.length} items`);
    const usage = await readJson<UsageArtifact>(bundle, 'collection/usage.json');
    // On a host that is short of CPU it keeps its place.
    const nice = usage.priority?.shortOf?.includes('cpu') === true ? 0 : 10;
    assert.equal(usage.priority?.nice, nice, 'a member runs here');
    assert.ok(Object.keys(usage.requests).length > 0);
    t.diagnostic(
      `${name}: ${Math.round(usage.cpuUserMs + usage.cpuSystemMs)} ms CPU, ${Math.round(usage.maxRssBytes / 2 ** 20)} MiB`,
    );
  }
  assert.deepEqual(layouts.get('file'), layouts.get('sources'));
  assert.deepEqual(layouts.get('executable'), layouts.get('sources'));
};

test('single file and executable: the bundle of the sources, with nothing around them', {
  timeout: 240_000,
}, async (t) => {
  const delivered = await deliver(t, line);
  await compare(t, delivered, ['--rounds', '2', '--window', '1s']);

  if (!isolated) return;
  const { inside, ways, dataDir } = delivered;
  // As the DaemonSet without the host's process table has it: no etcd process to be seen, its data dir mounted.
  const pod = tempDir(t);
  const podFlags = [
    '--endpoints',
    client,
    `--data-dir=127.0.0.1=${dataDir}`,
    '--rounds',
    '1',
    '--redact',
    'secrets-only',
  ];
  const ran = await inside(['unshare', '-p', '-f', '--mount-proc', '--', ...ways.file, ...podFlags], pod);
  assert.ok(ran.code === 0 || ran.code === 3, ran.stderr);
  const { items } = await readJson<Manifest>(ran.stdout.trim(), 'manifest.json');
  const stateOf = (wanted: string): string | undefined => items.find(({ kind }) => kind === wanted)?.state;
  for (const kind of ['endpoint-status', 'metrics', 'datadir-listing', 'diskstats', 'psi', 'host-os'])
    assert.equal(stateOf(kind), 'ok', kind);
});

for (const other of ['3.4', '3.6'] as const) {
  const isHere = process.env.CI !== undefined || existsSync(join(etcdCacheDir(), other, 'etcd'));
  test(`the same on etcd ${other}`, {
    skip: skip === false ? (isHere ? false : `no etcd ${other} in the cache`) : skip,
    // In CI the first one to want it builds it.
    timeout: 900_000,
  }, async (t) => {
    await compare(t, await deliver(t, other), ['--rounds', '1']);
  });
}

test('the analyzer as one file: the reports of the sources, in every format, also where threads read a large log', {
  skip,
  timeout: 240_000,
}, async (t) => {
  const empty = tempDir(t);
  const fixture = join(packageRoot, 'fixtures', 'bundles', 'slow-fsync-leader-3.5', 'bundle');
  const place = (name: string): number => (name === HEADER_PATH ? 0 : name === MANIFEST_PATH ? 2 : 1);
  const names = readdirSync(fixture, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(fixture, name)).isFile())
    .sort((a, b) => place(a) - place(b));
  const [large, log] = [join(empty, 'large.tar.gz'), join(empty, 'large.log')];
  await generateLog(log, 33 * 2 ** 20);
  await packWithLog(new Map(names.map((name) => [`bundle/${name}`, readFileSync(join(fixture, name))])), log, large);
  const file = join(empty, 'etcd-analyze.cjs');
  cpSync(join(release, 'etcd-analyze.cjs'), file);
  const report = async (program: string, args: readonly string[]): Promise<RunResult> =>
    run('env', ['-i', node, program, ...args], { cwd: empty, timeoutMs: 60_000 });
  const sources = join(packageRoot, 'dist', 'analyzer', 'main.js');
  /** The time of the analysis is the only thing that may differ. */
  const timeless = (text: string): string => text.replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?/g, '(time)');
  for (const args of [
    [fixture, '--format', 'json'],
    [fixture, '--format', 'html'],
    [fixture, '--format', 'markdown'],
    [large, '--format', 'json'],
    ['explain', 'disk-slow-device'],
    ['rules'],
  ]) {
    const [one, other] = [await report(file, args), await report(sources, args)];
    assert.equal(one.stderr, other.stderr);
    assert.equal(one.code, other.code, args.join(' '));
    assert.ok(one.stdout.length > 500, one.stderr);
    assert.equal(timeless(one.stdout), timeless(other.stdout), args.join(' '));
  }
});

test('the sums are right, the sizes are those of the documentation, the bills of materials name what is inside', {
  skip,
}, async () => {
  const sums = readFileSync(join(release, 'SHA256SUMS'), 'utf8').trimEnd().split('\n');
  const files = readdirSync(release, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(release, file)).isFile(),
  );
  assert.deepEqual(sums.map((sum) => sum.slice(66)).sort(), files.filter((file) => file !== 'SHA256SUMS').sort());
  for (const sum of sums) {
    const found = createHash('sha256')
      .update(readFileSync(join(release, sum.slice(66))))
      .digest('hex');
    assert.equal(found, sum.slice(0, 64), sum);
  }
  assert.ok(statSync(join(release, 'etcd-collect.cjs')).size < 2_000_000);
  const lock = JSON.parse(readFileSync(join(packageRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dependencies?: Record<string, string>; devDependencies?: Record<string, string> }>;
  };
  interface Document {
    readonly metadata: { readonly component: { readonly hashes: readonly { readonly content: string }[] } };
    readonly components: readonly { readonly group?: string; readonly name: string; readonly 'bom-ref': string }[];
    readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  }
  const wanted = {
    'etcd-collect.cjs': ['@grpc/grpc-js', '@grpc/proto-loader', 'archiver', 'cockatiel', 'etcd3', 'tar', 'yargs'],
    [executable]: ['node', '@grpc/grpc-js', 'etcd3'],
    'etcd-analyze.cjs': ['handlebars', 'tar', 'yargs'],
  };
  for (const [file, names] of Object.entries(wanted)) {
    const document = JSON.parse(readFileSync(join(release, `${file}.cdx.json`), 'utf8')) as Document;
    assert.ok(
      sums.includes(`${document.metadata.component.hashes[0]?.content}  ${file}`),
      `${file}: the hash is that of the file`,
    );
    const inside = document.components.map(({ group, name }) => (group === undefined ? name : `${group}/${name}`));
    for (const name of names) assert.ok(inside.includes(name), `${file}: ${name}`);
    for (const name of Object.keys(lock.packages['']?.devDependencies ?? {}))
      assert.ok(!inside.includes(name), `${file}: ${name}`);
    const refs = new Set(document.components.map((component) => component['bom-ref']));
    assert.equal(refs.size, document.components.length);
    for (const { dependsOn } of document.dependencies) for (const ref of dependsOn) assert.ok(refs.has(ref), ref);
    const reached = new Set(document.dependencies.flatMap(({ dependsOn }) => dependsOn));
    for (const ref of refs) assert.ok(reached.has(ref), ref);
  }
});

test('made again from a clean copy in another directory: the same bytes', { skip, timeout: 300_000 }, async (t) => {
  const base = tempDir(t);
  const copy = join(base, 'a', 'longer', 'path', 'to it');
  const out = join(base, 'out');
  mkdirSync(copy, { recursive: true });
  const tracked = ['analyzer', 'collector', 'deploy', 'docs', 'fixtures', 'schemas', 'scripts', 'templates', 'test'];
  const single = ['LICENSE', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.base.json'];
  for (const name of [...tracked, ...single]) {
    await cp(join(packageRoot, name), join(copy, name), {
      recursive: true,
      filter: (path) => !path.endsWith('.tar.gz'),
    });
  }
  // Copied, not linked: a bundler looks through links and would see the first directory again.
  await cp(join(packageRoot, 'node_modules'), join(copy, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  await runOk(node, [join('node_modules', 'typescript', 'bin', 'tsc'), '--build'], { cwd: copy, timeoutMs: 120_000 });
  await runOk(node, [join('dist', 'scripts', 'package.js'), '--out', out], {
    cwd: copy,
    timeoutMs: 240_000,
    env: { PATH: process.env.PATH ?? '', TZ: 'Asia/Tokyo' },
  });
  const read = (dir: string): string => readFileSync(join(dir, 'SHA256SUMS'), 'utf8');
  assert.equal(read(out), read(release));
});
