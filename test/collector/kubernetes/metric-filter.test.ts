import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../schemas/index.js';
import { createMetricFilter } from '../../../collector/kubernetes/metric-filter.js';

const filtered = (text: string, size = 7) => {
  const filter = createMetricFilter();
  const bytes = Buffer.from(text);
  // Pieces that end anywhere, as they do on the wire.
  for (let at = 0; at < bytes.length; at += size) filter.take(bytes.subarray(at, at + size));
  return filter.finish();
};

describe('filter of an API server’s metrics', () => {
  test('histograms by operation and kind; the labels of 1.33 and of 1.34 give the same names', () => {
    const of = (labels: string): string =>
      ['0.005', '0.025', '+Inf']
        .map((le, i) => `etcd_request_duration_seconds_bucket{operation="get",${labels},le="${le}"} ${i + 1}\n`)
        .join('') +
      `etcd_request_duration_seconds_sum{operation="get",${labels}} 0.5\netcd_request_duration_seconds_count{operation="get",${labels}} 3\n`;
    const before = filtered(
      `# TYPE etcd_request_duration_seconds histogram\n${of('type="leases.coordination.k8s.io"')}`,
    );
    assert.deepEqual(before, filtered(of('group="coordination.k8s.io",resource="leases"')));
    assert.deepEqual(before, [
      {
        name: 'etcd_request_duration_seconds',
        type: 'histogram',
        bounds: [0.005, 0.025],
        series: [
          { labels: { operation: 'get', resource: 'leases.coordination.k8s.io' }, sum: 0.5, count: 3, buckets: [1, 2] },
        ],
      },
    ]);
    assert.deepEqual(filtered(of('group="",resource="pods"'))[0]?.series[0]?.labels, {
      operation: 'get',
      resource: 'pods',
    });
  });

  test('labels that are not kept are added up: no name of a user, a client or a namespace comes through', () => {
    const [family] = filtered(
      'apiserver_request_total{code="503",verb="GET",resource="pods",subresource="canary",scope="x"} 2\n' +
        'apiserver_request_total{code="503",verb="PUT",resource="nodes"} 3\napiserver_request_total{code="200",verb="GET"} 10\n',
    );
    assert.deepEqual(family?.series, [
      { labels: { code: '503' }, value: 5 },
      { labels: { code: '200' }, value: 10 },
    ]);
  });

  test('all but the listed families is left out, whatever it looks like', () => {
    const text = [
      'etcd_request_duration_seconds_canary{operation="get"} 1',
      'workqueue_depth{name="canary"} 1',
      'apiserver_storage_objects{resource="pods"} NaN',
      'apiserver_storage_objects{resource="pods"',
      'apiserver_storage_objects{resource="nodes"} 3 1700000000000',
      `apiserver_storage_objects{resource="${'x'.repeat(20_000)}"} 5`,
      'apiserver_storage_objects{resource="a\\"b\\\\c"} -1',
      '',
    ].join('\n');
    assert.deepEqual(filtered(text), [
      {
        name: 'apiserver_storage_objects',
        type: 'gauge',
        series: [
          { labels: { resource: 'nodes' }, value: 3 },
          { labels: { resource: 'a"b\\c' }, value: -1 },
        ],
      },
    ]);
  });

  test('what the storage layer of Kubernetes 1.33.5 wrote on a real etcd', () => {
    // Of the program in test/support/kube-storage: 40 objects created, then read one by one and counted.
    const text = readFileSync(join(packageRoot, 'test/collector/kubernetes/storage-1.33.prom'), 'utf8');
    const families = filtered(text, 1000);
    assert.deepEqual(
      families.map(({ name, series }) => `${name} ${series.length}`),
      [
        'etcd_request_duration_seconds 3',
        'etcd_requests_total 3',
        'apiserver_storage_size_bytes 1',
        'apiserver_storage_db_total_size_in_bytes 1',
        'apiserver_storage_objects 1',
        'process_start_time_seconds 1',
        'process_cpu_seconds_total 1',
        'process_resident_memory_bytes 1',
      ],
    );
    const [durations, requests] = families;
    assert.equal(durations?.bounds?.length, 23);
    for (const { labels, count, buckets } of durations?.series ?? []) {
      assert.equal(buckets?.at(-1), count, 'all of them were quicker than a minute');
      const same = requests?.series.find((each) => each.labels['operation'] === labels['operation']);
      assert.equal(same?.value, count);
    }
    assert.deepEqual(durations?.series[0]?.labels, { operation: 'create', resource: 'pods' });
    assert.equal(durations?.series[2]?.labels['resource'], '/registry/pods/');
  });

  test('more series than a cluster has are cut, and counted', () => {
    const lines = Array.from({ length: 4100 }, (_, i) => `apiserver_storage_objects{resource="r${i}.example.com"} 1\n`);
    const [family] = filtered(lines.join(''), 65_536);
    assert.deepEqual([family?.series.length, family?.cutSamples], [4000, 100]);
  });
});
