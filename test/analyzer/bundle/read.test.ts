import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DamagedArchive, UnreadableInput, UnsafeArchive, UnsupportedFormat } from '../../../analyzer/bundle/errors.js';
import type { OnLog } from '../../../analyzer/bundle/intake.js';
import type { Limits } from '../../../analyzer/bundle/limits.js';
import type { LoadedBundle } from '../../../analyzer/bundle/loaded.js';
import { readBundle } from '../../../analyzer/bundle/read.js';
import type { LogSummary } from '../../../analyzer/logs/types.js';
import { HEADER_PATH, MANIFEST_PATH } from '../../../schemas/index.js';
import {
  BUNDLE_ROOT,
  bundleFiles,
  packBundle,
  tarEntries,
  tarGz,
  unpackBundle,
  withChecksums,
} from '../../support/bundle-archive.js';
import { FAKE_CLUSTER_ID, type FakeBundle, fakeId } from '../../support/fake-case.js';
import { tarOf } from '../../support/tar-archive.js';

/** Counts bytes and lines: enough to see what a consumer was given. */
const countLog: OnLog = async ({ path }, stream) => {
  let [bytes, lines] = [0, 0];
  for await (const chunk of stream) {
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 0x0a) lines += 1;
  }
  const summary: LogSummary = {
    sources: [{ source: path, lines, bytes }],
    lines,
    bytes,
    compressed: false,
    forms: {},
    wrappers: {},
    levels: {},
    times: { zoned: 0, assumedUtc: 0, none: 0 },
    foreignLines: 0,
    oversizeLines: 0,
    gaps: [],
    clockJumps: [],
    signatures: new Map(),
    unknown: [],
    unknownOthers: 0,
    warnings: { widthMs: 1000, buckets: [] },
    starts: [],
    startsOmitted: 0,
    fatal: [],
    fatalOmitted: 0,
    damage: [],
  };
  return summary;
};

const read = (bytes: Uint8Array, limits: Partial<Limits> = {}): Promise<LoadedBundle> =>
  readBundle({ stream: Readable.from([bytes]), name: 'test' }, { onLog: countLog, limits });

const status = (member: string, round: number, raftIndex: string): NonNullable<FakeBundle['artifacts']>[number] => ({
  kind: 'endpoint-status',
  of: member,
  round,
  value: {
    memberId: fakeId(0),
    clusterId: FAKE_CLUSTER_ID,
    revision: '9223372036854775807',
    version: '3.5.16',
    dbSize: '20480',
    leader: fakeId(0),
    raftIndex,
    raftTerm: '2',
    errors: [],
    isLearner: false,
    elapsedMs: 1.5,
  },
});

const fake: FakeBundle = {
  artifacts: [
    status('m1', 0, '18446744073709551615'),
    status('m1', 1, '18446744073709551615'),
    { kind: 'metrics', of: 'm1', round: 0, value: 'etcd_server_has_leader 1\n' },
    { kind: 'version', of: 'm2', value: { etcdserver: '3.5.16', etcdcluster: '3.5.0' } },
  ],
  gaps: [{ kind: 'metrics', of: 'm3', round: 0, state: 'timeout', reason: 'not-answering' }],
};
const logPath = `members/${fakeId(0)}/logs/server-window.log`;
const logText = '{"level":"info","ts":"2026-01-02T03:04:05.000Z","msg":"x"}\n'.repeat(500);
const files = () => bundleFiles(fake, { [logPath]: logText });

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'read-bundle-'));
});
after(() => rm(directory, { recursive: true, force: true }));

describe('a whole bundle', () => {
  const assertWhole = (bundle: LoadedBundle): void => {
    assert.deepEqual(bundle.problems, []);
    assert.equal(bundle.intact, true);
    assert.equal(bundle.artifacts.length, 4);
    const sample = bundle.artifacts.find(({ kind, round }) => kind === 'endpoint-status' && round === 1);
    assert.ok(sample !== undefined);
    assert.equal((sample.value as { raftIndex: string }).raftIndex, '18446744073709551615');
    assert.equal(sample.target.id, fakeId(0));
    assert.equal(bundle.artifacts.find(({ kind }) => kind === 'metrics')?.value, 'etcd_server_has_leader 1\n');
    assert.deepEqual(
      bundle.logs.map(({ path, instance, summary, flaws }) => ({ path, instance, lines: summary.lines, flaws })),
      [{ path: logPath, instance: 'window', lines: 500, flaws: [] }],
    );
    assert.equal(bundle.items.length, 6);
  };

  it('is read from a .tar.gz stream', async () => assertWhole(await read(packBundle(files()))));
  it('is read from a plain .tar', async () => assertWhole(await read(tarOf(tarEntries(files())))));
  it('is read from single bytes at a time', async () => {
    const packed = packBundle(files());
    const bytes = Readable.from(Array.from(packed, (_, at) => packed.subarray(at, at + 1)));
    assertWhole(await readBundle({ stream: bytes, name: 'test' }, { onLog: countLog }));
  });
  it('is read when it was re-packed with a leading ./', async () => {
    assertWhole(await read(tarGz(tarEntries(files()).map((entry) => ({ ...entry, name: `./${entry.name}` })))));
  });
  it('is read from a file and from its directory, also one level up', async () => {
    const file = join(directory, 'whole.tar.gz');
    await writeFile(file, packBundle(files()));
    assertWhole(await readBundle({ path: file }, { onLog: countLog }));
    const inner = join(directory, 'unpacked', 'renamed by hand');
    await unpackBundle(files(), inner);
    assertWhole(await readBundle({ path: inner }, { onLog: countLog }));
    assertWhole(await readBundle({ path: join(directory, 'unpacked') }, { onLog: countLog }));
  });
});

describe('content that does not hold', () => {
  it('drops an artifact whose bytes differ from the manifest, and keeps the rest', async () => {
    const changed = files().set(`members/${fakeId(0)}/metrics-0.prom`, 'etcd_server_has_leader 0\n');
    const bundle = await read(packBundle(changed));
    assert.equal(bundle.intact, false);
    assert.equal(bundle.artifacts.length, 3);
    assert.match(bundle.problems.join('\n'), /metrics-0\.prom differs from its checksum/);
    assert.ok(bundle.items.some(({ kind, damage }) => kind === 'metrics' && damage !== undefined));
  });
  it('keeps a changed log, flagged', async () => {
    const bundle = await read(packBundle(files().set(logPath, `${logText}{"msg":"added"}\n`)));
    assert.equal(bundle.logs[0]?.summary.lines, 501);
    assert.match(bundle.logs[0]?.flaws.join() ?? '', /differs from its checksum/);
    assert.equal(bundle.intact, false);
  });
  it('counts an artifact outside its schema as damaged', async () => {
    const path = `members/${fakeId(1)}/version.json`;
    const bundle = await read(packBundle(withChecksums(new Map(files()).set(path, '{"etcdserver": 3}'))));
    assert.ok(!bundle.artifacts.some(({ kind }) => kind === 'version'));
    assert.match(bundle.problems.join('\n'), /version\.json/);
  });
  it('refuses a __proto__ key, also written with escapes', async () => {
    for (const key of ['__proto__', '\\u005f_proto__']) {
      const manifestless = new Map(files());
      manifestless.delete(MANIFEST_PATH);
      manifestless.set(
        `members/${fakeId(1)}/version.json`,
        `{"etcdserver":"3","etcdcluster":"3","${key}":{"polluted":1}}`,
      );
      const bundle = await read(packBundle(withChecksums(manifestless)));
      assert.ok(!bundle.artifacts.some(({ kind }) => kind === 'version'));
      assert.match(bundle.problems.join('\n'), /could change other objects/);
    }
    assert.equal(({} as { polluted?: number }).polluted, undefined);
  });
  it('survives JSON nested a million deep', async () => {
    const deep = new Map(files()).set(`members/${fakeId(1)}/version.json`, `${'['.repeat(1e6)}${']'.repeat(1e6)}`);
    const bundle = await read(packBundle(withChecksums(deep)));
    assert.match(bundle.problems.join('\n'), /version\.json/);
    assert.equal(bundle.artifacts.length, 3);
  });
  it('names a listed file that is missing', async () => {
    const fewer = files();
    fewer.delete(`members/${fakeId(1)}/version.json`);
    const bundle = await read(packBundle(fewer));
    assert.match(bundle.problems.join('\n'), /version\.json is listed but missing/);
  });
  it('goes on when the log consumer fails', async () => {
    const failing: OnLog = () => Promise.reject(new Error('no'));
    const bundle = await readBundle({ stream: Readable.from([packBundle(files())]), name: 'test' }, { onLog: failing });
    assert.equal(bundle.artifacts.length, 4);
    assert.match(bundle.problems.join('\n'), /could not be read as a log/);
  });
});

describe('a bundle that is not whole', () => {
  it('gives what is intact before a truncation, at every cut', async () => {
    const whole = packBundle(files());
    let [refused, partial, best] = [0, 0, 0];
    for (let cut = 0; cut < whole.length; cut += 37) {
      try {
        const bundle = await read(whole.subarray(0, cut));
        assert.equal(bundle.intact, false, `cut at ${cut}`);
        assert.notDeepEqual(bundle.problems, []);
        partial += 1;
        best = Math.max(best, bundle.artifacts.length);
      } catch (error) {
        assert.ok(error instanceof DamagedArchive, `cut at ${cut}: ${String(error)}`);
        refused += 1;
      }
    }
    assert.ok(refused > 0 && partial > 0, `${refused} refused, ${partial} partial`);
    assert.equal(best, 4);
  });
  it('gives the same for a truncated plain tar', async () => {
    const whole = tarOf(tarEntries(files()));
    const results: number[] = [];
    for (let cut = 0; cut < whole.length - 1536; cut += 509) {
      try {
        const bundle = await read(whole.subarray(0, cut));
        assert.equal(bundle.intact, false, `cut at ${cut}`);
        results.push(bundle.artifacts.length + bundle.logs.length);
      } catch (error) {
        assert.ok(error instanceof DamagedArchive, `cut at ${cut}: ${String(error)}`);
      }
    }
    assert.equal(Math.max(...results), 5);
    assert.deepEqual(
      results,
      [...results].sort((a, b) => a - b),
    );
  });
  it('keeps the part of a log before the cut, flagged', async () => {
    const tar = tarOf(tarEntries(files()));
    const at = tar.indexOf(logText.slice(0, 40));
    const bundle = await read(tar.subarray(0, at + 10_000));
    assert.equal(bundle.logs[0]?.summary.bytes, 10_000);
    assert.match(bundle.logs[0]?.flaws.join() ?? '', /cut off/);
  });
  it('rebuilds the items from paths, error files and the plan', async () => {
    const partial = files();
    partial.delete(MANIFEST_PATH);
    partial.set(
      `members/${fakeId(2)}/health.json.error.json`,
      JSON.stringify({ state: 'timeout', class: 'not-answering', message: 'no answer' }),
    );
    const planned = (probe: string, id: string, member: string) => ({
      id,
      probe,
      target: { kind: 'member', id: member },
      reads: 'x',
      source: 'x',
      sensitivity: 'public',
      permission: 'none',
      impact: 'read-only',
      cost: 'cheap',
      timeoutMs: 1000,
    });
    partial.set(
      'collection/plan.json',
      JSON.stringify({
        items: [
          planned('version', `version@${fakeId(1)}`, fakeId(1)),
          planned('livez', `livez@${fakeId(2)}`, fakeId(2)),
        ],
      }),
    );
    const bundle = await read(packBundle(withChecksums(partial)));
    assert.equal(bundle.manifest, undefined);
    assert.equal(bundle.artifacts.filter(({ kind }) => kind === 'endpoint-status').length, 2);
    const byId = new Map(bundle.items.map((item) => [item.id, item]));
    assert.equal(byId.get(`health@${fakeId(2)}`)?.state, 'timeout');
    assert.equal(byId.get(`health@${fakeId(2)}`)?.reason, 'not-answering');
    assert.equal(byId.get(`livez@${fakeId(2)}`)?.reason, 'archive-truncated');
    assert.equal(byId.get(`version@${fakeId(1)}`)?.state, 'ok');
    assert.equal(byId.get(`endpoint-status@${fakeId(0)}#1`)?.round, 1);
  });
  it('tells a wrong checksum of the gzip itself', async () => {
    const packed = packBundle(files());
    packed.writeUInt32LE((packed.readUInt32LE(packed.length - 8) ^ 1) >>> 0, packed.length - 8);
    const bundle = await read(packed);
    assert.match(bundle.problems[0] ?? '', /gzip checksum is wrong/);
    assert.equal(bundle.artifacts.length, 4);
  });
  it('keeps what precedes a damage in the middle of the gzip', async () => {
    const packed = packBundle(files());
    packed.fill(0xff, packed.length - 200, packed.length - 150);
    const bundle = await read(packed);
    assert.equal(bundle.intact, false);
    assert.ok(bundle.artifacts.length >= 3, `${bundle.artifacts.length} artifacts`);
  });
  for (const [what, bytes, message] of [
    ['an empty file', Buffer.alloc(0), /empty/],
    ['a text file', Buffer.from('hello\n'.repeat(200)), /neither a gzip nor a tar/],
    ['gzip of text', gzipSync('hello\n'.repeat(200)), /holds no tar/],
    ['gzip of an empty file', gzipSync(''), /holds no tar/],
    ['gzip within gzip', gzipSync(packBundle(files())), /holds no tar/],
    ['gzip magic alone', Buffer.from([0x1f, 0x8b]), /truncated/],
    ['an empty tar', gzipSync(Buffer.alloc(1024)), /holds no tar/],
    [
      'another tar',
      tarGz([
        { name: 'x/', type: '5' },
        { name: 'x/readme', content: 'x' },
      ]),
      /first file is not bundle\.json/,
    ],
    ['files without a root', tarGz([{ name: 'bundle.json', content: '{}' }]), /outside a root/],
    ['a header of another program', tarGz([{ name: 'x/bundle.json', content: '{"magic":"other"}' }]), /bundle\.json/],
    [
      'a header alone',
      tarGz([{ name: 'x/bundle.json', content: files().get(HEADER_PATH) ?? '' }]),
      /manifest\.json is missing/,
    ],
  ] as const) {
    it(`refuses ${what} as nothing that could be analysed`, async () => {
      await assert.rejects(read(bytes), (error) => error instanceof DamagedArchive && message.test(error.message));
    });
  }
  it('never fails in another way on random damage', async () => {
    let seed = 12345;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    const known = [DamagedArchive, UnsafeArchive, UnsupportedFormat];
    for (const pack of [packBundle(files()), tarOf(tarEntries(files()))]) {
      for (let run = 0; run < 150; run += 1) {
        const bytes = Buffer.from(pack);
        for (let hit = random(8); hit >= 0; hit -= 1) bytes[random(bytes.length)] = random(256);
        try {
          const bundle = await read(bytes);
          // A flip in a tar header field that nobody reads (owner, time) breaks its checksum; one in padding changes nothing.
          if (bundle.intact) assert.equal(bundle.artifacts.length, 4);
        } catch (error) {
          assert.ok(
            known.some((type) => error instanceof type),
            String(error),
          );
        }
      }
    }
    for (let run = 0; run < 100; run += 1) {
      const noise = Buffer.from(Array.from({ length: random(3000) }, () => random(256)));
      await assert.rejects(read(noise), DamagedArchive);
    }
  });
});

describe('formats', () => {
  const header = (change: object): string =>
    JSON.stringify({ ...JSON.parse(files().get(HEADER_PATH) ?? ''), ...change });
  it('refuses a newer major and names the reader needed', async () => {
    const newer = new Map(files()).set(
      HEADER_PATH,
      JSON.stringify({ magic: 'etcd-evidence', format: { major: 2, minor: 3 } }),
    );
    await assert.rejects(
      read(packBundle(newer)),
      (error) => error instanceof UnsupportedFormat && error.needed === '2.3',
    );
  });
  it('refuses a manifest that needs a newer reader', async () => {
    const manifest = { ...JSON.parse(files().get(MANIFEST_PATH) ?? ''), minReader: { major: 1, minor: 7 } };
    const changed = withChecksums(new Map(files()).set(MANIFEST_PATH, JSON.stringify(manifest)));
    await assert.rejects(
      read(packBundle(changed)),
      (error) => error instanceof UnsupportedFormat && error.needed === '1.7',
    );
  });
  it('reads a newer minor with unknown fields and kinds', async () => {
    const manifest = JSON.parse(files().get(MANIFEST_PATH) ?? '');
    manifest.items.push({
      ...manifest.items[0],
      id: 'new@x',
      kind: 'not-known-yet',
      paths: ['cluster/new.json'],
      sha256: {},
    });
    const changed = new Map([
      [HEADER_PATH, header({ format: { major: 1, minor: 9 }, addition: true })],
      ...[...files()].filter(([path]) => path !== HEADER_PATH),
      ['cluster/new.json', '{"a":1}'],
      [MANIFEST_PATH, JSON.stringify(manifest)],
    ]);
    const bundle = await read(packBundle(withChecksums(changed)));
    assert.deepEqual(bundle.problems, []);
    assert.equal(bundle.artifacts.length, 4);
  });
});

describe('inputs that cannot be opened or never end', () => {
  it('names a missing file', async () => {
    await assert.rejects(readBundle({ path: join(directory, 'absent') }, { onLog: countLog }), UnreadableInput);
  });
  it('gives up on a source that sends nothing', async () => {
    const silent = new Readable({ read: () => undefined });
    await assert.rejects(
      readBundle({ stream: silent, name: 'x' }, { onLog: countLog, limits: { idleMs: 50 } }),
      UnsafeArchive,
    );
  });
  it('stops at the signal', async () => {
    const silent = new Readable({ read: () => undefined });
    const signal = AbortSignal.timeout(50);
    await assert.rejects(readBundle({ stream: silent, name: 'x' }, { onLog: countLog, signal }), {
      name: 'TimeoutError',
    });
  });
  it('refuses links in a directory and does not follow them', async () => {
    const root = join(directory, 'linked');
    await unpackBundle(files(), root);
    await mkdir(join(root, 'hosts'), { recursive: true });
    await symlink('/etc/passwd', join(root, 'hosts', 'os.json'));
    await assert.rejects(
      readBundle({ path: root }, { onLog: countLog }),
      (error) => error instanceof UnsafeArchive && error.reason === 'link',
    );
    const linkedHeader = join(directory, 'linked-header');
    await mkdir(linkedHeader);
    await symlink(join(root, HEADER_PATH), join(linkedHeader, HEADER_PATH));
    await assert.rejects(readBundle({ path: linkedHeader }, { onLog: countLog }), UnsafeArchive);
  });
  it('refuses a directory that is no bundle', async () => {
    const root = join(directory, 'plain');
    await mkdir(root);
    await assert.rejects(readBundle({ path: root }, { onLog: countLog }), DamagedArchive);
    await writeFile(join(root, 'note.txt'), 'x');
    await assert.rejects(readBundle({ path: root }, { onLog: countLog }), DamagedArchive);
  });
});

describe('root', () => {
  it('may have any name', async () => {
    const bundle = await read(packBundle(files(), 'some other name'));
    assert.equal(bundle.intact, true);
    assert.notEqual(BUNDLE_ROOT, 'some other name');
  });
});
