/** The way round redaction: series key, private map, gate, and the commands verify, redact and reveal as a user runs them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { plainFile } from '../../../collector/bundle/store.js';
import { writeBundle } from '../../../collector/bundle/write.js';
import { collect } from '../../../collector/collect.js';
import { QuarantineError, UsageError } from '../../../collector/errors.js';
import { createInspector } from '../../../collector/redact/gate.js';
import { isBundleWord } from '../../../collector/redact/identities/vocabulary.js';
import { createIdentities } from '../../../collector/redact/identities/index.js';
import { reveal } from '../../../collector/redact/private-map.js';
import { defaultSeriesKeyPath, loadSeriesKey } from '../../../collector/redact/series-key.js';
import { packageRoot, type RedactionReport, validate } from '../../../schemas/index.js';
import { asBundle, fixtureFiles, relocated } from '../../support/fixture-variants.js';
import {
  fakeIo,
  fakeMember,
  fakeOptions,
  fakeStatus,
  fakeWiring,
  sink,
  statusProbe,
  textProbe,
  withDirectory,
} from '../fake-wiring.js';
import { readArchive, textOf } from '../read-archive.js';

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('a named series key is made once, with mode 0600, and used again', () =>
  withDirectory(async (directory) => {
    const path = join(directory, 'deep', 'series.key');
    const first = loadSeriesKey(path, {});
    const second = loadSeriesKey(path, {});
    assert.deepEqual([first.created, second.created, modeOf(path)], [true, false, 0o600]);
    assert.deepEqual(first.key, second.key);
    assert.deepEqual(readdirSync(join(directory, 'deep')), ['series.key']);
    chmodSync(path, 0o644);
    assert.match(loadSeriesKey(path, {}).note ?? '', /chmod 600/);
    writeFileSync(path, 'no key');
    assert.throws(() => loadSeriesKey(path, {}), UsageError);
  }));

test('without a home the key lives for one run, and says so', () => {
  const { path, note } = loadSeriesKey(undefined, {});
  assert.deepEqual([path, /--series-key/.test(note ?? '')], [undefined, true]);
  assert.equal(defaultSeriesKeyPath({ HOME: '/h' }), '/h/.config/etcd-evidence/series.key');
  assert.equal(defaultSeriesKeyPath({ HOME: '/h', XDG_CONFIG_HOME: '/c' }), '/c/etcd-evidence/series.key');
});

test('tokens come back as what they stand for, in brackets where a URL needs them', () => {
  const { tokens, maskText, add } = createIdentities(Buffer.alloc(32, 1));
  add('name', 'cp-1.acme.internal');
  const text = 'https://[fd00::1:2]:2379 and 10.0.0.1:2379 on cp-1.acme.internal, member name-0123456789 stays';
  const masked = maskText(text);
  assert.ok(!/fd00|10\.0\.0\.1|acme/.test(masked), masked);
  assert.ok(URL.canParse(masked.split(' ')[0] ?? ''), masked);
  const back = reveal(masked, Object.fromEntries(tokens.originals()));
  assert.equal(back.replace('[fd00:0:0:0:0:0:1:2]', '[fd00::1:2]'), text);
});

const wiringOf = (log: string) =>
  fakeWiring({ members: [fakeMember(0, { name: 'cp-acme-1' })] }, [
    statusProbe(async ({ target }) => fakeStatus(target.id)),
    textProbe('server-log', 'after', async () => log),
  ]);

test('a run in mode standard: tokens in the bundle, the map beside it, the report inside', () =>
  withDirectory(async (directory) => {
    const options = fakeOptions({
      redact: 'standard',
      seriesKey: join(directory, 'series.key'),
      redactWords: ['Project Zebra'],
      output: join(directory, 'b.tar.gz'),
    });
    const log = 'dial tcp 10.0.0.1:2380: refused by cp-acme-1 of project zebra\n';
    const { path = '', manifest, privacy, exitCode } = await collect(options, fakeIo(wiringOf(log)));
    assert.equal(exitCode, 0);
    const files = await readArchive(path);
    const all = files.map((file) => `${file.root}/${file.path}\n${file.content.toString('utf8')}`).join('\n');
    assert.ok(!/10\.0\.0\.1|acme|zebra|0badcafe/i.test(all));
    assert.match(
      all,
      /dial tcp ip4-private-[0-9a-f]{6}-[0-9a-f]{10}:2380: refused by name-[0-9a-f]{10} of word-[0-9a-f]{10}\n/,
    );
    assert.deepEqual(
      [manifest.redaction.mode, manifest.redaction.verified, manifest.redaction.keyFingerprint?.length],
      ['standard', true, 8],
    );
    const report = JSON.parse(textOf(files, 'redaction/report.json')) as RedactionReport;
    assert.ok(validate('redaction-report', report).ok);
    assert.ok((report.rules?.['ip4'] ?? 0) > 0 && report.files?.some(({ rules }) => (rules['word'] ?? 0) > 0));
    const map = JSON.parse(readFileSync(join(directory, 'b.map.json'), 'utf8')) as { tokens: Record<string, string> };
    assert.ok(Object.values(map.tokens).includes('cp-acme-1'));
    assert.equal(modeOf(join(directory, 'b.map.json')), 0o600);
    assert.equal(privacy?.reveal(manifest.targets.find(({ kind }) => kind === 'member')?.name ?? ''), 'cp-acme-1');
  }));

test('two nodes with one key file give a member one token; another key gives another', () =>
  withDirectory(async (directory) => {
    const nameIn = async (key: string, file: string): Promise<string | undefined> => {
      const options = fakeOptions({
        redact: 'standard',
        seriesKey: join(directory, key),
        output: join(directory, file),
        map: false,
      });
      const { manifest } = await collect(options, fakeIo(wiringOf('x\n')));
      return manifest.targets.find(({ kind }) => kind === 'member')?.name;
    };
    const [a, b, c] = [
      await nameIn('one.key', 'a.tar.gz'),
      await nameIn('one.key', 'b.tar.gz'),
      await nameIn('two.key', 'c.tar.gz'),
    ];
    assert.equal(a, b);
    assert.notEqual(a, c);
    assert.ok(!readdirSync(directory).some((name) => name.endsWith('.map.json')), '--no-map');
  }));

test('the gate puts an archive aside, names file and rule, and never the value', () =>
  withDirectory(async (directory) => {
    const identities = createIdentities(Buffer.alloc(32));
    identities.add('name', 'cp-acme-1');
    const files = [
      plainFile('members/a/x.log', 'all well\n'),
      plainFile('members/b/y.log', 'ssh cp-acme-1 password=hunter2hunter2\n'),
    ];
    const input = { root: 'root', files, createdAt: new Date(0), inspect: createInspector('standard', identities) };
    const file = join(directory, 'b.tar.gz');
    const thrown = await writeBundle(input, { kind: 'file', directory, file }, sink().stream).catch(
      (error: unknown) => error,
    );
    assert.ok(thrown instanceof QuarantineError);
    assert.equal(thrown.path, `${file}.quarantine`);
    assert.match(thrown.message, /members\/b\/y\.log: secret \(1\), name \(1\)/);
    assert.ok(!/acme|hunter2|x\.log/.test(thrown.message));
    assert.deepEqual(readdirSync(directory), ['b.tar.gz.quarantine']);
    assert.equal(modeOf(`${file}.quarantine`), 0o600);
    const streamed = sink();
    await assert.rejects(writeBundle(input, { kind: 'stream' }, streamed.stream), QuarantineError);
    assert.equal(streamed.bytes().length, 0, 'a stream is not begun');
  }));

test('the gate looks at names of files too', () =>
  withDirectory(async (directory) => {
    const identities = createIdentities(Buffer.alloc(32));
    const files = [plainFile('vantage/10.1.2.3_2379/x.txt', 'nothing\n')];
    const input = { root: 'root', files, createdAt: new Date(0), inspect: createInspector('standard', identities) };
    await assert.rejects(
      writeBundle(input, { kind: 'file', directory, file: join(directory, 'b.tar.gz') }, sink().stream),
      QuarantineError,
    );
  }));

test('an item that cannot be searched is withheld; the rest of the bundle is written', () =>
  withDirectory(async (directory) => {
    const packed = Buffer.concat([Buffer.from('28b52ffd', 'hex'), Buffer.from('cp-acme-1')]).toString('latin1');
    const wiring = fakeWiring({ members: [fakeMember(0)] }, [
      statusProbe(async ({ target }) => fakeStatus(target.id)),
      {
        ...textProbe('server-log', 'after', async () => ''),
        run: async () => ({ state: 'ok', source: 'x', parts: [{ content: Buffer.from(packed, 'latin1') }] }),
      } as ReturnType<typeof textProbe>,
    ]);
    const options = fakeOptions({
      redact: 'standard',
      seriesKey: join(directory, 'k'),
      output: join(directory, 'b.tar.gz'),
    });
    const { manifest, exitCode } = await collect(options, fakeIo(wiring));
    const item = manifest.items.find(({ kind }) => kind === 'server-log');
    assert.deepEqual([item?.state, item?.reason, item?.paths, exitCode], ['withheld', 'redaction-failed', [], 3]);
  }));

const bin = join(packageRoot, 'dist/collector/main.js');

test('verify, redact and reveal, as a user runs them', () =>
  withDirectory(async (directory) => {
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [bin, ...args], {
        encoding: 'utf8',
        env: { PATH: process.env.PATH ?? '', XDG_CONFIG_HOME: join(directory, 'config') },
      });
    const files = relocated(fixtureFiles('healthy-3.4'), (text) =>
      text.replace(/127\.138\.182\.(\d)/g, '10.138.182.$1').replace(/\bm([123])\b/g, 'cp-acme-$1'),
    );
    const { root } = asBundle(files);
    const stored = [...files].map(([path, content]) => plainFile(path, content));
    const plain = join(directory, 'plain.tar.gz');
    await writeBundle(
      { root, files: stored, createdAt: new Date(0) },
      { kind: 'file', directory, file: plain },
      sink().stream,
    );

    const before = run('verify', plain, '--mode', 'standard');
    assert.equal(before.status, 5, before.stderr);
    assert.match(before.stdout, /manifest\.json: .*ip4 \(\d+\)/);
    assert.ok(!/10\.138|acme/.test(before.stdout), 'rules and numbers, no values');

    const masked = join(directory, 'masked.tar.gz');
    const redacted = run('redact', plain, '-o', masked);
    assert.deepEqual([redacted.status, redacted.stdout], [0, `${masked}\n`], redacted.stderr);
    assert.match(redacted.stderr, /--series-key/, 'how to share the key is said once');
    const map = join(directory, 'masked.map.json');
    assert.equal(modeOf(map), 0o600);
    assert.equal(modeOf(join(directory, 'config', 'etcd-evidence', 'series.key')), 0o600);

    const after = run('verify', masked, '--map', map);
    assert.equal(after.status, 0, after.stdout + after.stderr);
    const read = await readArchive(masked);
    assert.ok(read.every((file) => !file.root.endsWith('_UNREDACTED')));

    const [name = ''] = /name-[0-9a-f]{10}/.exec(textOf(read, 'manifest.json')) ?? [];
    const report = join(directory, 'report.md');
    writeFileSync(report, `slow disk on **${name}**, see ip4-private-000000-0000000000\n`);
    const told = run('reveal', report, '--map', map);
    assert.match(told.stdout, /^slow disk on \*\*cp-acme-\d\*\*, see ip4-private-000000-0000000000\n$/);

    for (const [args, undone] of [
      [['reveal', report], 'Nothing was turned back.'],
      [['verify', report], 'Nothing was checked.'],
      [['redact', plain], 'Nothing was written.'],
    ] as const) {
      const refused = run(...args);
      assert.equal(refused.status, 2);
      assert.ok(
        refused.stderr.includes(`${undone} To go on: `) && !refused.stderr.includes('collected'),
        refused.stderr,
      );
    }
    const sealed = join(directory, 'sealed.tar.gz.age');
    writeFileSync(sealed, 'age-encryption.org/v1\n-> X25519 x\n');
    assert.match(run('verify', sealed).stderr, /is encrypted\.\n.*age --decrypt/);
    assert.equal(run('redact', plain, '-o', masked).status, 6, 'a bundle is never overwritten');
  }));

test('hostile text is searched in linear time', () => {
  const pieces = [
    '"name":"',
    '\\"name\\":\\"',
    '"name":"\\"',
    'key:"',
    '://',
    '1.',
    '1:',
    '::',
    'a.com',
    '.com.',
    '@a.com',
    ' is valid for a, ',
    '/registry/',
    '%2e',
    '\\u002e',
    'lookup a-',
    '--initial-cluster=',
    '"initial-cluster":"a=,',
    '=,',
  ];
  for (const piece of pieces) {
    const time = (length: number): number => {
      const identities = createIdentities(Buffer.alloc(32));
      const bytes = Buffer.from(piece.repeat(length / piece.length));
      const from = process.cpuUsage();
      identities.learnFile('server-log', 'x.log', bytes);
      identities.leftIn(identities.maskFile('server-log', 'x.log', bytes).bytes);
      const { user, system } = process.cpuUsage(from);
      return (user + system) / 1000;
    };
    time(50_000);
    // Quadratic searches need minutes for this; the bound leaves room for a slow machine.
    assert.ok(time(1_000_000) < 20_000, piece);
  }
});

test('a text to remove that the bundle itself is made of is refused; names of places are not', () => {
  const words = new Set<string>();
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) walk(each);
    else if (value !== null && typeof value === 'object') {
      for (const [name, each] of Object.entries(value)) {
        if (name === 'examples') continue;
        if (name === 'properties') for (const property of Object.keys(each as object)) words.add(property);
        if (name === 'enum') for (const one of each as unknown[]) if (typeof one === 'string') words.add(one);
        walk(each);
      }
    }
  };
  for (const name of ['bundle', 'manifest', 'redaction-report', 'common'])
    walk(JSON.parse(readFileSync(join(packageRoot, 'schemas', `${name}.schema.json`), 'utf8')));
  assert.ok(words.size > 100);
  for (const word of words) if (word.length > 1) assert.ok(isBundleWord(word), word);
  for (const word of ['etcd-collect', 'endpoint-status', 'STATUS', 'sha256sums', 'metrics'])
    assert.ok(isBundleWord(word), word);
  for (const word of ['acme', 'acme-bank', 'prod7', 'fra', 'Zebra Corp Ltd', 'x1'])
    assert.ok(!isBundleWord(word), word);
});
