import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricSum, parseMetrics, windowMeanMs } from './metrics.js';

test('a window mean is taken from the difference of two scrapes', () => {
  const before = parseMetrics('# TYPE h histogram\nh_bucket{le="+Inf"} 4\nh_sum 2\nh_count 4\n');
  const after = parseMetrics('h_sum 3.5\nh_count 7\nx{To="a",kind="b\\"c"} 1e+03\nx{To="b"} 2');
  assert.equal(windowMeanMs(before, after, 'h'), 500);
  assert.equal(metricSum(after, 'x'), 1002);
  assert.equal(metricSum(after, 'x', { To: 'a' }), 1000);
  assert.ok(Number.isNaN(windowMeanMs(after, after, 'h')));
});
