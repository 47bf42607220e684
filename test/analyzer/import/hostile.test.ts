/** Everything that is imported is hostile: it may cost only its own file, or a refusal, never the host. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { UnsafeArchive } from '../../../analyzer/bundle/errors.js';
import { parseYaml } from '../../../analyzer/import/forms/kubernetes.js';
import { importLimits } from '../../../analyzer/import/limits.js';
import { segmentsOf } from '../../../analyzer/import/segments.js';
import { sniff } from '../../../analyzer/import/sniff.js';
import { unzip } from '../../../analyzer/import/unzip.js';
import { render } from '../../../analyzer/report/render.js';
import { tarHeader, tarOf } from '../../support/tar-archive.js';
import { looseFiles } from './from-fixture.js';
import { analysed, type Given, give, leftOf } from './give.js';

const [[, log]] = looseFiles('quorum-lost-3.5', ['server-log']) as [Given];

describe('archives', () => {
  test('paths that leave the archive, links and odd names cost only their own file', async () => {
    const made = await give([
      'case.tar',
      tarOf([
        { name: '../../etc/etcd.log', content: log },
        { name: '/etc/etcd.log', content: log },
        { name: 'a/etcd\u0007.log', content: log },
        { name: 'a/etcd-link.log', type: '2', linkName: '/etc/shadow' },
        { name: 'a/etcd-hard.log', type: '1', linkName: 'a/etcd.log' },
        { name: 'a/etcd.log', content: log },
      ]),
    ]);
    assert.equal(made.manifest.imported?.sources.length, 1);
    const left = leftOf(made).join('\n');
    for (const why of [/path leaves the bundle/, /absolute path/, /control characters/, /symbolic link/, /hard link/])
      assert.match(left, why);
    assert.ok(
      made.files.every(({ path }) => /^[A-Za-z0-9._/-]+$/.test(path) && !path.includes('..')),
      'paths of the bundle are its own',
    );
  });

  test('a tar.gz that unpacks to far more than it is', async () => {
    const bomb = gzipSync(tarOf([{ name: 'etcd.log', content: Buffer.alloc(64 * 1024 * 1024) }]), { level: 9 });
    await assert.rejects(
      give(['bomb.tar.gz', bomb]),
      (error) => error instanceof UnsafeArchive && error.reason === 'ratio',
    );
  });

  test('a gzip that unpacks to far more than it is', async () => {
    await assert.rejects(
      give(['bomb.gz', gzipSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 })]),
      (error) => error instanceof UnsafeArchive && error.reason === 'ratio',
    );
  });

  test('a zip is judged by its claims before anything is unpacked', () => {
    const packed = zipSync({ 'etcd.log': Buffer.alloc(1024 * 1024) }, { level: 9 });
    const refused = (limits: object) => () => unzip(packed, () => true, { ...importLimits, ...limits });
    assert.throws(refused({ fileBytes: 1000 }), /more than the 1000 allowed/);
    assert.throws(refused({ keptBytes: 1000 }), /unpacks to more than 1000/);
    assert.throws(refused({ ratioFromBytes: 1000, ratio: 10 }), /decompression bomb/);
    assert.throws(refused({ entries: 0 }), /more than 0 entries/);
    // The directory claims fewer bytes than the content makes: no more than claimed comes out.
    const lying = Buffer.from(packed);
    const at = lying.lastIndexOf(Buffer.from('PK\u0001\u0002', 'latin1'));
    lying.writeUInt32LE(100, at + 24);
    const found = (() => {
      try {
        return unzip(lying, () => true, importLimits);
      } catch {
        return [];
      }
    })();
    assert.ok(found.every(({ bytes }) => bytes.length <= 100));
  });

  test('a damaged zip and a cut tar are told, and what is there of the tar is used', async () => {
    await assert.rejects(
      give(['x.zip', Buffer.from('PK\u0003\u0004 and nothing else', 'latin1')]),
      /the zip archive is damaged/,
    );
    const whole = tarOf([
      { name: 'etcd.log', content: log },
      { name: 'etcd-2.log', content: log },
    ]);
    const made = await give(['cut.tar', whole.subarray(0, whole.length - 20_000)]);
    assert.ok(
      leftOf(made).some((line) => /truncated/.test(line)),
      leftOf(made).join('\n'),
    );
  });

  test('an archive in an archive in an archive ... ends', async () => {
    let inner: Uint8Array = Buffer.from(log as Uint8Array);
    for (let depth = 0; depth < 8; depth += 1)
      inner = gzipSync(tarOf([{ name: `etcd-${depth}.tar.gz`, content: inner }]));
    await assert.rejects(give(['deep.tar.gz', inner]), /too deep to be read/);
  });

  test('an archive of us that lost its header is no import', () => {
    assert.equal(
      sniff(tarHeader({ name: 'etcd-evidence_x_20261122T160550Z_01234567/manifest.json', content: 'x' })),
      'bundle',
    );
  });

  test('what cannot be unpacked here says how to', async () => {
    await assert.rejects(give(['sos.tar.xz', Buffer.from('\u00fd7zXZ\u0000...', 'latin1')]), /tar -xJf FILE/);
  });
});

describe('content', () => {
  test('JSON that is deep, that poisons, or that never ends', async () => {
    await assert.rejects(give(['a.json', '['.repeat(100_000)]), /recognised/);
    await assert.rejects(give(['a.json', `${'['.repeat(5000)}${']'.repeat(5000)}`]), /nested deeper|recognised/);
    await assert.rejects(
      give(['a.json', '{"__proto__":{"members":[]},"header":{"cluster_id":1}}']),
      /could change other objects|recognised/,
    );
    assert.equal(({} as { members?: unknown }).members, undefined);
  });

  test('YAML whose aliases multiply', () => {
    const layers = Array.from(
      { length: 12 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(',')}]`,
    ).join('\n');
    assert.equal(parseYaml(`apiVersion: v1\nkind: Pod\nl0: &l0 x\n${layers}\n`), undefined);
  });

  test('a text of open brackets is not read again for each of them', () => {
    const before = process.cpuUsage().user;
    segmentsOf('{\n'.repeat(200_000));
    assert.ok(process.cpuUsage(undefined).user - before < 20_000_000);
  });

  test('names and texts are escaped where they are shown', async () => {
    const row =
      '3368474bd37dfece, started, <script>alert(1)</script>, http://10.0.0.2:2380, http://10.0.0.2:2379, false\n';
    const { report } = await analysed(await give(['<img src=x>.txt', row]));
    const html = render(report, 'html');
    assert.doesNotMatch(html, /<script>alert|<img src=x>/);
    assert.match(render(report, 'markdown'), /Imported from 1 source/);
  });

  test('a file of zeros, an empty one and a binary one', async () => {
    await assert.rejects(give(['a', '']), /empty/);
    await assert.rejects(give(['a', Buffer.alloc(10_000)]), /recognised/);
    await assert.rejects(give(['a', Buffer.from([1, 0, 2, 0, 255])]), /binary/);
  });
});
