import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { createGzip, gzipSync } from 'node:zlib';
import { UnsafeArchive, type UnsafeReason } from '../../../analyzer/bundle/errors.js';
import type { OnLog } from '../../../analyzer/bundle/intake.js';
import type { Limits } from '../../../analyzer/bundle/limits.js';
import { cleanSegments } from '../../../analyzer/bundle/paths.js';
import { readBundle } from '../../../analyzer/bundle/read.js';
import { HEADER_PATH } from '../../../schemas/index.js';
import { bundleFiles, tarEntries, tarGz } from '../../support/bundle-archive.js';
import { paxEntry, type TarEntry, tarHeader } from '../../support/tar-archive.js';

const dropLog: OnLog = async (_, stream) => {
  for await (const _chunk of stream);
  throw new Error('not needed here');
};

const read = (stream: AsyncIterable<Uint8Array>, limits: Partial<Limits> = {}) =>
  readBundle({ stream, name: 'test' }, { onLog: dropLog, limits });

const unsafe =
  (reason: UnsafeReason, text = /./) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof UnsafeArchive, String(error));
    assert.equal(error.reason, reason);
    assert.match(error.message, text);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not get through
    assert.doesNotMatch(error.message, /[\u0000-\u001f\u007f-\u009f]/);
    return true;
  };

const good = tarEntries(bundleFiles());
const root = (good[0]?.name ?? '').slice(0, -1);

/** A bundle with `extra` after its header. */
const withExtra = (...extra: TarEntry[]): Readable =>
  Readable.from([tarGz([...good.slice(0, 2), ...extra, ...good.slice(2)])]);

describe('entries no collector writes', () => {
  let [home, scratch] = ['', ''];
  before(async () => {
    home = process.cwd();
    scratch = await mkdtemp(join(tmpdir(), 'hostile-'));
    process.chdir(scratch);
  });
  after(async () => {
    process.chdir(home);
    assert.deepEqual(await readdir(scratch), [], 'something was extracted');
    await rm(scratch, { recursive: true, force: true });
  });

  const cases: [string, TarEntry[], UnsafeReason, RegExp][] = [
    ['a parent path', [{ name: `${root}/../../escape`, content: 'x' }], 'bad-path', /leaves the bundle/],
    ['a parent path at the start', [{ name: '../escape', content: 'x' }], 'bad-path', /leaves the bundle/],
    ['a parent directory', [{ name: `${root}/../`, type: '5' }], 'bad-path', /leaves the bundle/],
    ['an absolute path', [{ name: '/etc/cron.d/x', content: 'x' }], 'bad-path', /absolute/],
    ['a backslash path', [{ name: `${root}\\..\\x`, content: 'x' }], 'bad-path', /another system/],
    ['a drive path', [{ name: 'C:/x', content: 'x' }], 'bad-path', /another system/],
    ['an empty segment', [{ name: `${root}//x`, content: 'x' }], 'bad-path', /plain form/],
    ['a dot segment', [{ name: `${root}/./x`, content: 'x' }], 'bad-path', /plain form/],
    ['a terminal escape', [{ name: `${root}/\x1b[2Jx`, content: 'x' }], 'bad-path', /\\u\{1b\}/],
    ['a newline', [{ name: `${root}/a\nb`, content: 'x' }], 'bad-path', /\\u\{a\}/],
    ['invalid UTF-8', [{ name: `${root}/\xff\xfe`, content: 'x' }], 'bad-path', /invalid text/],
    [
      'a pax path that leaves',
      [paxEntry({ path: '../../escape' }), { name: `${root}/c`, content: 'x' }],
      'bad-path',
      /leaves/,
    ],
    [
      'a very long path',
      [paxEntry({ path: `${root}/${'a/'.repeat(400)}x` }), { name: 'c', content: 'x' }],
      'bad-path',
      /too long/,
    ],
    [
      'a right-to-left override',
      [paxEntry({ path: `${root}/a\u202egpj.exe` }), { name: 'c', content: 'x' }],
      'bad-path',
      /\\u\{202e\}/,
    ],
    ['a symbolic link', [{ name: `${root}/l`, type: '2', linkName: '/etc/passwd' }], 'link', /symbolic link/],
    [
      'a file through a link',
      [
        { name: `${root}/l`, type: '2', linkName: '/tmp' },
        { name: `${root}/l/x`, content: 'x' },
      ],
      'link',
      /symbolic link/,
    ],
    ['a hard link', [{ name: `${root}/h`, type: '1', linkName: `${root}/${HEADER_PATH}` }], 'link', /hard link/],
    ['a character device', [{ name: `${root}/d`, type: '3' }], 'special-file', /device/],
    ['a block device', [{ name: `${root}/d`, type: '4' }], 'special-file', /device/],
    ['a named pipe', [{ name: `${root}/p`, type: '6' }], 'special-file', /pipe/],
    ['an unknown type', [{ name: `${root}/u`, type: 'Z', content: 'x' }], 'special-file', /unsupported/],
    ['a sparse file', [{ name: `${root}/s`, type: 'S', content: 'x' }], 'special-file', /unsupported/],
    ['a second header', [{ name: `${root}/${HEADER_PATH}`, content: '{}' }], 'duplicate', /twice/],
    [
      'a duplicate',
      [
        { name: `${root}/a`, content: '1' },
        { name: `${root}/a`, content: '2' },
      ],
      'duplicate',
      /twice/,
    ],
    ['a second root', [{ name: 'other/a', content: 'x' }], 'two-roots', /root/],
    ['a second root directory', [{ name: 'other/', type: '5' }], 'two-roots', /root/],
    ['a 9 TB header', [{ name: `${root}/huge.txt`, claimedSize: 9e12 }], 'entry-too-large', /bytes/],
    [
      'a 9 TB log header',
      [{ name: `${root}/members/${'a'.repeat(16)}/logs/server.log`, claimedSize: 9e12 }],
      'entry-too-large',
      /bytes/,
    ],
    [
      'a huge pax size',
      [paxEntry({ size: '99999999999999' }), { name: `${root}/a`, content: 'x' }],
      'entry-too-large',
      /bytes/,
    ],
  ];
  for (const [what, entries, reason, text] of cases) {
    it(`refuses ${what}`, () => assert.rejects(read(withExtra(...entries)), unsafe(reason, text)));
  }
  it('refuses a NUL in a path', () => {
    // tar headers end at a NUL, and the parser cuts pax values there: only another source could bring one.
    assert.throws(() => cleanSegments(`${root}/a\0b`), unsafe('bad-path', /\\u\{0\}/));
  });
  it('refuses more entries than allowed', async () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ name: `${root}/d${index}/`, type: '5' }));
    await assert.rejects(read(withExtra(...many), { entries: 20 }), unsafe('too-many-entries'));
  });
  it('refuses more kept bytes than allowed', async () => {
    const files = Array.from({ length: 10 }, (_, index) => ({
      name: `${root}/f${index}.txt`,
      content: 'x'.repeat(1000),
    }));
    await assert.rejects(read(withExtra(...files), { keptBytes: 8000 }), unsafe('too-large'));
  });
});

/** A gzip stream of a bundle whose last file is `size` zeros, generated as it is read. */
const bomb = (name: string, size: number): { stream: Readable; packed: () => number } => {
  const zeros = Buffer.alloc(1024 * 1024);
  const plain = async function* (): AsyncGenerator<Buffer> {
    for (const entry of good.slice(0, 2)) {
      yield tarHeader(entry);
      if (entry.content === undefined) continue;
      const body = Buffer.alloc(Math.ceil(Buffer.byteLength(entry.content) / 512) * 512);
      body.write(String(entry.content));
      yield body;
    }
    yield tarHeader({ name, claimedSize: size });
    for (let sent = 0; sent < size; sent += zeros.length) yield zeros;
  };
  let packed = 0;
  const gzip = createGzip({ level: 1 });
  gzip.on('data', (chunk: Buffer) => {
    packed += chunk.length;
  });
  gzip.pause();
  const source = Readable.from(plain(), { highWaterMark: 1 });
  source.on('error', () => undefined);
  source.pipe(gzip);
  gzip.once('close', () => source.destroy());
  return { stream: gzip, packed: () => packed };
};

describe('decompression bombs', () => {
  it('stops a log of zeros early, not after gigabytes', async () => {
    // 4 GiB: as large as a log may claim to be, so that only the ratio can stop it.
    const { stream, packed } = bomb(`${root}/members/${'a'.repeat(16)}/logs/server.log`, 4 * 1024 ** 3);
    const before = process.memoryUsage().rss;
    await assert.rejects(read(stream), unsafe('ratio', /bomb/));
    stream.destroy();
    assert.ok(packed() < 4 * 1024 ** 2, `${packed()} packed bytes were read`);
    assert.ok(process.memoryUsage().rss - before < 400 * 1024 ** 2);
  });
  it('refuses 10 GB by its header alone', async () => {
    const { stream } = bomb(`${root}/members/${'a'.repeat(16)}/logs/server.log`, 10e9);
    await assert.rejects(read(stream), unsafe('entry-too-large'));
    stream.destroy();
  });
  it('stops zeros hidden after the end of the archive', async () => {
    const tail = gzipSync(Buffer.alloc(200 * 1024 ** 2), { level: 1 });
    await assert.rejects(read(Readable.from([tarGz(good), tail])), unsafe('ratio'));
  });
  it('holds the total of all files to its limit', async () => {
    const text = Array.from({ length: 20_000 }, (_, index) => `line ${(index * 7919) % 100_003}\n`).join('');
    const logs = Array.from({ length: 4 }, (_, index) => ({
      name: `${root}/members/${'a'.repeat(16)}/logs/server-${index}.log`,
      content: text,
    }));
    await assert.rejects(read(withExtra(...logs), { totalBytes: text.length * 3 }), unsafe('too-large'));
  });
  it('lets a repetitive log of more than 100:1 pass', async () => {
    const line =
      '{"level":"warn","ts":"2026-01-02T03:04:05.000Z","caller":"etcdserver/util.go:170","msg":"apply request took too long"}\n';
    const content = line.repeat(Math.ceil((48 * 1024 ** 2) / line.length));
    const packed = gzipSync(content, { level: 1 }).length;
    assert.ok(content.length / packed > 100, `ratio ${content.length / packed}`);
    const log = { name: `${root}/members/${'a'.repeat(16)}/logs/server-x.log`, content };
    const bundle = await read(withExtra(log));
    assert.equal(bundle.manifest !== undefined, true);
  });
});
