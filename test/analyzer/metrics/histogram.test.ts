import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bucketsOf,
  type Histogram,
  histogramDelta,
  meanMs,
  mergeHistograms,
  percentile,
  readHistogram,
  shareAbove,
} from '../../../analyzer/metrics/histogram.js';
import { parseScrape } from '../../../analyzer/metrics/parse.js';
import { scrape35Round0, scrape35Round1 } from '../facts/excerpts.js';

const fsync = 'etcd_disk_wal_fsync_duration_seconds';

/** Histogram over 8, 16, 32 ms from counts per bucket. */
const of = (...counts: readonly number[]): Histogram => {
  let total = 0;
  const cumulative = counts.map((count) => {
    total += count;
    return total;
  });
  return { boundsMs: [8, 16, 32], cumulative, count: total, sumMs: total * 10 };
};

const read = (text: string): Histogram => {
  const histogram = readHistogram(parseScrape(text), fsync);
  assert.ok(histogram);
  return histogram;
};

test('real scrapes: bounds in ms without noise, delta by bucket', () => {
  const first = read(scrape35Round0);
  const last = read(scrape35Round1);
  assert.deepEqual(first.boundsMs, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192]);
  assert.deepEqual(first.cumulative.slice(0, 7), [5, 7, 8, 12, 12, 12, 13]);
  const delta = histogramDelta(first, last);
  assert.ok(delta);
  assert.equal(delta.count, last.count - 13);
  assert.equal(
    bucketsOf(delta).reduce((sum, bucket) => sum + bucket.count, 0),
    delta.count,
  );
  assert.equal(bucketsOf(delta).at(-1)?.leMs, null);
  assert.ok(Math.abs((meanMs(first) ?? 0) - 65.382578 / 13) < 1e-9);
});

test('a reset or other bounds give no delta', () => {
  assert.equal(histogramDelta(of(5, 0, 0, 0), of(4, 3, 0, 0)), undefined);
  assert.equal(histogramDelta(of(5, 1, 0, 0), of(6, 0, 0, 0)), undefined, 'a bucket lost what the total hides');
  assert.equal(histogramDelta({ ...of(1, 0, 0, 0), boundsMs: [8, 16, 64] }, of(2, 0, 0, 0)), undefined);
  assert.equal(histogramDelta(of(5, 0, 0, 0), of(5, 0, 0, 0))?.count, 0);
});

test('percentiles are buckets, by rank', () => {
  assert.deepEqual(percentile(of(99, 1, 0, 0), 0.99), { loMs: 0, hiMs: 8, count: 100 });
  assert.deepEqual(percentile(of(98, 2, 0, 0), 0.99), { loMs: 8, hiMs: 16, count: 100 });
  assert.deepEqual(percentile(of(0, 0, 0, 3), 0.5), { loMs: 32, hiMs: null, count: 3 });
  assert.deepEqual(percentile(of(1, 0, 0, 1), 1), { loMs: 32, hiMs: null, count: 2 });
  assert.equal(percentile(of(0, 0, 0, 0), 0.99), null);
});

test('a bound inside a bucket gives an interval, a bucket bound a number', () => {
  const histogram = of(90, 5, 3, 2);
  assert.deepEqual(shareAbove(histogram, 16), { atLeast: 0.05, atMost: 0.05, count: 100 });
  assert.deepEqual(shareAbove(histogram, 10), { atLeast: 0.05, atMost: 0.1, count: 100 });
  assert.deepEqual(shareAbove(histogram, 25), { atLeast: 0.02, atMost: 0.05, count: 100 });
  assert.deepEqual(shareAbove(histogram, 32), { atLeast: 0.02, atMost: 0.02, count: 100 });
  assert.deepEqual(shareAbove(histogram, 1000), { atLeast: 0, atMost: 0.02, count: 100 });
  assert.deepEqual(shareAbove(histogram, 1), { atLeast: 0.1, atMost: 1, count: 100 });
  assert.equal(shareAbove(of(0, 0, 0, 0), 10), null);
});

test('merge adds equal bounds only', () => {
  assert.deepEqual(mergeHistograms([of(1, 2, 3, 4), of(1, 1, 1, 1)])?.cumulative, [2, 5, 9, 14]);
  assert.equal(mergeHistograms([]), undefined);
  assert.equal(mergeHistograms([of(1, 0, 0, 0), { ...of(1, 0, 0, 0), boundsMs: [1, 2, 3] }]), undefined);
});

test('reading: series add up, millisecond metrics, absent and senseless histograms', () => {
  const text = [
    'h_bucket{To="a",le="0.1"} 1',
    'h_bucket{To="a",le="+Inf"} 2',
    'h_bucket{To="b",le="0.1"} 3',
    'h_bucket{To="b",le="+Inf"} 3',
    'h_sum{To="a"} 0.5',
    'h_sum{To="b"} 0.1',
    'ms_bucket{le="100"} 1',
    'ms_bucket{le="+Inf"} 1',
    'ms_sum 70',
    'down_bucket{le="1"} 5',
    'down_bucket{le="+Inf"} 4',
    'nan_bucket{le="1"} NaN',
    'nan_bucket{le="+Inf"} 4',
    'bound_bucket{le="wide"} 1',
    'nototal_bucket{le="1"} 1',
  ].join('\n');
  const scrape = parseScrape(text);
  assert.deepEqual(readHistogram(scrape, 'h')?.cumulative, [4, 5]);
  assert.deepEqual(readHistogram(scrape, 'h', { labels: { To: 'a' } })?.cumulative, [1, 2]);
  assert.equal(readHistogram(scrape, 'h')?.sumMs, 600);
  assert.deepEqual(readHistogram(scrape, 'ms', { unit: 'ms' }), {
    boundsMs: [100],
    cumulative: [1, 1],
    count: 1,
    sumMs: 70,
  });
  for (const name of ['absent', 'down', 'nan', 'bound', 'nototal'])
    assert.equal(readHistogram(scrape, name), undefined, name);
});
