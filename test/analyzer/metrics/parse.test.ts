import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLimits, integerOf, parseScrape, sumOf } from '../../../analyzer/metrics/parse.js';
import { scrape35Round1 } from '../facts/excerpts.js';

test('a real excerpt: every line is a sample, types come from TYPE lines', () => {
  const scrape = parseScrape(scrape35Round1);
  assert.equal(scrape.badLines(), 0);
  assert.equal(scrape.lines, scrape35Round1.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length);
  assert.equal(scrape.typeOf('etcd_server_proposals_committed_total'), 'gauge');
  assert.equal(scrape.typeOf('etcd_mvcc_put_total'), 'counter');
  assert.equal(scrape.typeOf('etcd_disk_wal_fsync_duration_seconds'), 'histogram');
  assert.equal(scrape.typeOf('no_such_metric'), 'untyped');
  assert.equal(sumOf(scrape, 'etcd_mvcc_put_total'), 65);
  assert.equal(scrape.samples('etcd_server_version')[0]?.labels.server_version, '3.5.16');
  assert.equal(scrape.samples('etcd_server').length, 0, 'a prefix of a name is another name');
});

test('labels: escapes, spaces, trailing comma, braces and hashes inside values', () => {
  const scrape = parseScrape('m{a="x\\"y\\\\z\\n",b = "} # {",} 4\nm{} 5\nm 6\n');
  assert.deepEqual({ ...scrape.samples('m')[0]?.labels }, { a: 'x"y\\z\n', b: '} # {' });
  assert.deepEqual(
    scrape.samples('m').map((sample) => sample.value),
    [4, 5, 6],
  );
  assert.equal(scrape.badLines(), 0);
});

test('values: infinities, NaN, exponents, timestamps and exemplars', () => {
  const scrape = parseScrape(
    'a +Inf\nb -Inf\nc NaN\nd 1.5e-3 1395066363000\ne_bucket{le="1"} 8 # {trace_id="x"} 0.67 1.5\r\nf .5\n',
  );
  assert.equal(scrape.samples('a')[0]?.value, Number.POSITIVE_INFINITY);
  assert.equal(scrape.samples('b')[0]?.value, Number.NEGATIVE_INFINITY);
  assert.ok(Number.isNaN(scrape.samples('c')[0]?.value));
  assert.equal(sumOf(scrape, 'c'), undefined);
  assert.equal(sumOf(scrape, 'd'), 0.0015);
  assert.equal(sumOf(scrape, 'e_bucket'), 8);
  assert.equal(sumOf(scrape, 'f'), 0.5);
  assert.equal(scrape.badLines(), 0);
});

test('integers above 2^53 stay as printed', () => {
  const scrape = parseScrape('a 9007199254740993\nb 1.8446744073709552e+19\nc 0.5\nd NaN\n');
  const integer = (name: string): bigint | undefined => {
    const sample = scrape.samples(name)[0];
    return sample === undefined ? undefined : integerOf(sample);
  };
  assert.equal(integer('a'), 9007199254740993n);
  assert.equal(integer('b'), 18446744073709551616n);
  assert.equal(integer('c'), undefined);
  assert.equal(integer('d'), undefined);
});

test('bad lines are counted and hurt no others', () => {
  const text = [
    'ok 1',
    '<html>',
    'x{a="1} 2',
    'x{a=1} 2',
    'x{"a"="1"} 2',
    'x',
    'x 1 2 3',
    'x 0x10',
    'x one',
    '{a="1"} 2',
    'ok 2',
    'x{a="1"',
  ].join('\n');
  const scrape = parseScrape(text);
  assert.equal(sumOf(scrape, 'ok'), 3);
  assert.equal(scrape.badLines(), 10);
  assert.equal(scrape.badLines(), 10, 'counting twice does not count twice');
});

test('names of object members are plain names', () => {
  const scrape = parseScrape('constructor 1\n__proto__ 2\nm{__proto__="x",constructor="y"} 3\n');
  assert.equal(sumOf(scrape, 'constructor'), 1);
  assert.equal(sumOf(scrape, '__proto__'), 2);
  assert.deepEqual(Object.entries(scrape.samples('m')[0]?.labels ?? {}), [
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ]);
  assert.equal(scrape.samples('toString').length, 0);
});

test('limits: characters, lines, names, long lines, many labels', () => {
  const many = Array.from({ length: 50 }, (_, i) => `n${i} 1`).join('\n');
  const byNames = parseScrape(many, { ...defaultLimits, maxNames: 10 });
  assert.equal(byNames.names.length, 10);
  assert.ok(byNames.truncated);
  const byLines = parseScrape(many, { ...defaultLimits, maxLines: 20 });
  assert.ok(byLines.truncated);
  assert.equal(byLines.names.length, 20);
  assert.ok(parseScrape(many, { ...defaultLimits, maxChars: 30 }).truncated);
  const long = parseScrape(`a{x="${'y'.repeat(200)}"} 1\nb 2\n`, { ...defaultLimits, maxLine: 100 });
  assert.equal(long.badLines(), 1);
  assert.equal(sumOf(long, 'b'), 2);
  const labels = Array.from({ length: 70 }, (_, i) => `l${i}="v"`).join(',');
  assert.equal(parseScrape(`a{${labels}} 1\n`).badLines(), 1);
  assert.ok(!parseScrape(many).truncated);
});

test('whatever the bytes, parsing ends and does not throw', () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  const alphabet = 'ab{}="\\,# \n\t1.+-eENaInf\r\0é';
  for (let i = 0; i < 300; i += 1) {
    const text = Array.from({ length: random(200) }, () => alphabet[random(alphabet.length)]).join('');
    const scrape = parseScrape(text);
    assert.ok(scrape.badLines() <= scrape.lines);
  }
});
