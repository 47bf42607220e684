import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { parseExact } from '../../../analyzer/import/exact-json.js';
import { isMetricLine, splitScrapes } from '../../../analyzer/import/forms/metrics.js';
import { momentInName, momentOfScrape } from '../../../analyzer/import/moments.js';
import { bytesOf, durationMs, idOfDecimal } from '../../../analyzer/import/values.js';
import { looseFiles } from './from-fixture.js';
import { analysed, formsOf, type Given, give, notesOf, valuesOf } from './give.js';

const at = Date.parse('2026-11-22T16:05:50Z');
const members = ({ manifest }: Awaited<ReturnType<typeof give>>) =>
  manifest.targets.filter(({ kind }) => kind === 'member');

const excerpt = `etcd_server_has_leader 1
etcd_server_is_leader 0
etcd_server_id{server_id="8a553cae6165cbf1"} 1
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.001"} 4
`;

describe('metrics', () => {
  test('a few lines without HELP and TYPE are a scrape of the member they name', async () => {
    const made = await give(['stdin', `$ curl -s localhost:2379/metrics | grep etcd_\n${excerpt}`]);
    assert.deepEqual(formsOf(made), ['/metrics scrape (excerpt)']);
    assert.deepEqual(
      members(made).map(({ id }) => id),
      ['8a553cae6165cbf1'],
    );
    const { report } = await analysed(made);
    assert.equal(report.verdict.kind, 'inconclusive');
  });

  test('an excerpt without an id gets a placeholder and a note', async () => {
    const made = await give(['node7.txt', 'etcd_server_has_leader 0\n', at]);
    assert.deepEqual(
      members(made).map(({ id, name }) => `${id} ${name}`),
      ['endpoint-node7.txt node7.txt'],
    );
    assert.ok(notesOf(made).some((note) => /node7\.txt: no member id is in it/.test(note)));
  });

  test('a series that comes again begins the next scrape', () => {
    const lines = excerpt.trim().split('\n');
    assert.equal(splitScrapes([...lines, ...lines]).length, 2);
    assert.equal(splitScrapes(['# HELP a_b x', '# TYPE a_b gauge', 'a_b{x="1"} 1', 'a_b{x="2"} 1']).length, 1);
  });

  test('what is a sample line and what is prose', () => {
    for (const line of [
      'etcd_x_y 1',
      'go_info{version="go1.22"} 1',
      'a_b{c="}",d="e f"} +Inf',
      'a_b 1e-05',
      'a_b 1 1795390049415',
      '# TYPE a_b gauge',
    ])
      assert.ok(isMetricLine(line), line);
    for (const line of ['panic 5', 'wal_name foo', 'a_b 1 of 3', '2026-11-22 16:05:43.12 I | raft: x'])
      assert.ok(!isMetricLine(line), line);
  });

  test('metrics of others are not taken for those of etcd', async () => {
    await assert.rejects(
      give(['a.prom', 'apiserver_request_total{code="200"} 5\netcd_request_duration_seconds_count 5\n']),
      /metrics of an API server/,
    );
    await assert.rejects(give(['a.prom', 'node_load1 5\n']), /none of an etcd server/);
  });

  test('the time of a scrape: of name or file where the last garbage collection fits it, else of that', () => {
    const text = `go_memstats_last_gc_time_seconds ${at / 1000}\n`;
    assert.deepEqual(momentOfScrape(text, { at: at + 60_000, by: 'file' }), { at: at + 60_000, by: 'file' });
    assert.deepEqual(momentOfScrape(text, { at: at + 600_000, by: 'file' }), { at, by: 'estimate' }, 'a copy');
    assert.deepEqual(momentOfScrape(text, { at: at - 60_000, by: 'name' }), { at, by: 'estimate' }, 'another zone');
    assert.deepEqual(momentOfScrape('etcd_server_has_leader 1\n', { at, by: 'file' }), { at, by: 'file' });
    assert.equal(momentOfScrape('etcd_server_has_leader 1\n', undefined), undefined);
    assert.deepEqual(momentInName('m1-2026-11-22T16-05-50Z.prom'), { at, by: 'name' });
    assert.deepEqual(momentInName('metrics_20261122_160550.txt'), { at, by: 'name' });
    assert.deepEqual(momentInName(`m1.${at / 1000}.prom`), { at, by: 'name' });
    assert.equal(momentInName('m1-12345.prom'), undefined);
  });
});

describe('logs', () => {
  const [[, content]] = looseFiles('slow-fsync-leader-3.5', ['server-log']).filter(([name]) =>
    name.startsWith('m2'),
  ) as [Given];
  const log = Buffer.from(content as Uint8Array).toString('utf8');
  const zap = log.split('\n').filter((line) => line.startsWith('{"level"'));

  test('a handful of lines, with prose around it', async () => {
    const made = await give(['stdin', `this is what we see:\n${zap.slice(-5).join('\n')}\n`]);
    assert.match(formsOf(made)[0] ?? '', /^server log, [56] lines$/);
  });

  for (const [wrapper, wrapped] of [
    ['gzip', gzipSync(log)],
    [
      'docker',
      zap
        .map((line) => JSON.stringify({ log: `${line}\n`, stream: 'stderr', time: '2026-11-22T16:05:50Z' }))
        .join('\n'),
    ],
    ['cri', zap.map((line) => `2026-11-22T16:05:50.123456789Z stderr F ${line}`).join('\n')],
    ['journald', zap.map((line) => `Nov 22 16:05:50 m2 etcd[12]: ${line}`).join('\n')],
    [
      'journalctl -o json',
      zap
        .map((line) =>
          JSON.stringify({ UNIT: 'etcd.service', __REALTIME_TIMESTAMP: '1795363550000000', MESSAGE: line }),
        )
        .join('\n'),
    ],
    ['kubectl --prefix', zap.map((line) => `[pod/etcd-m2/etcd] ${line}`).join('\n')],
    ['kubectl --timestamps', zap.map((line) => `2026-11-22T16:05:50.123456789Z ${line}`).join('\n')],
  ] as const) {
    test(`wrapped by ${wrapper}: the member names itself`, async () => {
      const made = await give([wrapper === 'gzip' ? 'etcd.log.gz' : 'etcd.log', wrapped]);
      assert.equal(members(made)[0]?.id, '50d4e3323eade85e');
    });
  }

  test('of two members in one file nobody is named', async () => {
    const [[, other]] = looseFiles('slow-fsync-leader-3.5', ['server-log']).filter(([name]) =>
      name.startsWith('m1'),
    ) as [Given];
    const made = await give([
      'both.log',
      Buffer.concat([Buffer.from(content as Uint8Array), Buffer.from(other as Uint8Array)]),
    ]);
    assert.equal(members(made)[0]?.id, 'endpoint-both.log');
    assert.ok(notesOf(made).some((note) => /lines of 2 members/.test(note)));
  });

  test('logs of others are left with a reason', async () => {
    await assert.rejects(
      give([
        'apiserver.log',
        'E1122 16:05:50.1 1 status.go:71] apiserver received an error: etcdserver: request timed out\n',
      ]),
      /no line is one that an etcd server writes/,
    );
    await assert.rejects(
      give([
        'x.log',
        '{"level":"info","ts":"2026-11-22T16:05:50Z","caller":"controllers/pod.go:5","msg":"reconciled"}\n',
      ]),
      /JSON, but of no form/,
    );
    await assert.rejects(
      give([
        'client.log',
        '{"level":"warn","ts":"2026-11-22T16:05:50Z","logger":"etcd-client","caller":"v3/retry_interceptor.go:63","msg":"retrying of unary invoker failed"}\n',
      ]),
      /nothing in it that is known|no form/,
    );
  });
});

describe('Prometheus', () => {
  const vector = (result: unknown) => JSON.stringify({ status: 'success', data: { resultType: 'vector', result } });
  test('an instant query of raw series is a scrape at the time it names', async () => {
    const point = [at / 1000, '1'];
    const made = await give([
      'query.json',
      vector([
        { metric: { __name__: 'etcd_server_has_leader', instance: '10.0.0.1:2381', job: 'etcd' }, value: point },
        {
          metric: { __name__: 'etcd_server_id', server_id: '8a553cae6165cbf1', instance: '10.0.0.1:2381' },
          value: point,
        },
        {
          metric: { __name__: 'etcd_network_peer_sent_bytes_total', To: 'a"b', instance: '10.0.0.2:2381' },
          value: point,
        },
      ]),
    ]);
    assert.equal(members(made).length, 2);
    const scrape = made.files.find(({ path }) => path === 'members/8a553cae6165cbf1/metrics-0.prom');
    assert.equal(
      Buffer.from(scrape?.bytes ?? '').toString(),
      'etcd_server_has_leader 1\netcd_server_id{server_id="8a553cae6165cbf1"} 1\n',
    );
    assert.equal(made.manifest.synchronisation[0]?.barrierAt, new Date(at).toISOString());
  });

  test('a range of a raw metric is history', async () => {
    const values = [0, 30, 60].map((seconds, i) => [at / 1000 + seconds, String(100 + i)]);
    const result = [
      { metric: { __name__: 'etcd_mvcc_db_total_size_in_bytes', instance: 'a:1' }, values: [values[0], values[2]] },
      { metric: { __name__: 'etcd_mvcc_db_total_size_in_bytes', instance: 'b:1' }, values },
    ];
    const made = await give([
      'range.json',
      JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }),
    ]);
    const [history] = valuesOf(made, 'history');
    assert.equal(history?.value.name, 'db-size');
    assert.equal(history?.value.stepSeconds, 30);
    assert.deepEqual(
      history?.value.series.map(({ values: own }) => own),
      [
        [100, null, 102],
        [100, 101, 102],
      ],
    );
  });

  test('a calculation does not say what was asked, and an error says nothing', async () => {
    await assert.rejects(give(['q.json', vector([{ metric: { instance: 'a:1' }, value: [1, '2'] }])]), /have no name/);
    await assert.rejects(
      give(['q.json', vector([{ metric: { __name__: 'up', instance: 'a:1' }, value: [1, '1'] }])]),
      /without a series of an etcd server/,
    );
    await assert.rejects(give(['q.json', '{"status":"error","errorType":"bad_data","error":"x"}']), /without series/);
  });
});

describe('etcd-diagnosis', () => {
  const header =
    '"header":{"cluster_id":16602606239968249521,"member_id":15795746240314318457,"revision":3904924,"raft_term":4}';
  const report = (
    metrics: string,
  ): string => `{"input":{"endpoints":["https://10.0.0.1:2379"],"db-quota-bytes":2147483648},"results":[
{"name":"membershipChecker","summary":"Successful","memberList":{${header},"members":[{"ID":15795746240314318457,"name":"n1","peerURLs":["https://10.0.0.1:2380"],"clientURLs":["https://10.0.0.1:2379"]}]}},
{"name":"epStatusChecker","summary":["Successful"],"epStatusList":[{"endpoint":"https://10.0.0.1:2379","epStatus":{${header},"version":"3.5.11","dbSize":84697088,"leader":15795746240314318457,"raftIndex":4189914,"raftTerm":4,"raftAppliedIndex":4189914,"dbSizeInUse":39936000}}]},
{"name":"linearizableReadChecker","summary":"Successful","readResponses":[{"endpoint":"https://10.0.0.1:2379","took":"15.452678ms"}]},
{"name":"serializableReadChecker","reason":"dial failed"},
{"name":"metricsChecker","summary":["Successful"],"epMetricsList":[{"endpoint":"https://10.0.0.1:2379","took":"24ms","epMetrics":${metrics}}]}]}`;
  const old =
    '{"etcd_disk_wal_fsync_duration_seconds_bucket":["etcd_disk_wal_fsync_duration_seconds_bucket{le=\\"0.001\\"} 6","etcd_disk_wal_fsync_duration_seconds_bucket{le=\\"+Inf\\"} 4.134889e+06"]}';
  const recent =
    '{"etcd_disk_wal_fsync_duration_seconds":{"type":"HISTOGRAM","help":"x","samples":[{"metric":{"count":9,"sum":1.5,"buckets":[{"le":0.001,"count":6},{"le":"Inf","count":9}],"percentiles":[]}}]}}';

  for (const [form, metrics, line] of [
    ['texts of metrics', old, 'etcd_disk_wal_fsync_duration_seconds_bucket{le="0.001"} 6'],
    ['families of metrics', recent, 'etcd_disk_wal_fsync_duration_seconds_count 9'],
  ] as const) {
    test(`a report with ${form}: ids above 2^53 are kept, and all is of one member`, async () => {
      const made = await give(['etcd_diagnosis_report.json', report(metrics), at]);
      assert.deepEqual(
        members(made).map(({ id, name }) => `${id} ${name}`),
        ['db35c38420259e79 n1'],
      );
      const status = valuesOf(made, 'endpoint-status')[0]?.value;
      assert.equal(status?.clusterId, BigInt('16602606239968249521').toString(16));
      assert.equal(status?.revision, '3904924');
      const scrape = made.files.find(({ path }) => path.endsWith('metrics-0.prom'));
      assert.ok(
        Buffer.from(scrape?.bytes ?? '')
          .toString()
          .includes(line),
      );
      assert.ok(notesOf(made).some((note) => /serializableReadChecker failed: dial failed/.test(note)));
      await analysed(made);
    });
  }
});

describe('kubectl', () => {
  test('a static pod in YAML', async () => {
    const made = await give([
      'pod.yaml',
      `apiVersion: v1
kind: Pod
metadata: {name: etcd-cp1, labels: {component: etcd}}
spec:
  nodeName: cp1
  containers:
  - name: etcd
    command: [etcd, --name=cp1, "--advertise-client-urls=https://10.0.0.5:2379", --snapshot-count=10000]
status:
  containerStatuses:
  - {name: etcd, ready: true, restartCount: 0, state: {running: {startedAt: "2026-11-22T15:00:00Z"}}}
`,
    ]);
    assert.deepEqual(formsOf(made), ['kubectl get pods']);
    assert.equal(valuesOf(made, 'server-config')[0]?.value.flags['snapshot-count'], '10000');
    assert.equal(members(made)[0]?.endpoint, '10.0.0.5:2379');
  });

  test('pods of others', async () => {
    await assert.rejects(
      give(['pods.json', '{"apiVersion":"v1","kind":"List","items":[{"kind":"Pod","metadata":{"name":"coredns"}}]}']),
      /without a pod, an event or a node condition that concerns etcd/,
    );
  });
});

describe('who is who', () => {
  const list =
    '3368474bd37dfece, started, m2, http://10.0.0.2:2380, http://10.0.0.2:2379, false\n8a553cae6165cbf1, started, m3, http://10.0.0.3:2380, http://10.0.0.3:2379, false\n';
  test('a file is joined by address, by name, by node, and last by its own name', async () => {
    const made = await give(
      ['members.txt', list],
      ['health.txt', 'http://10.0.0.3:2379 is healthy: successfully committed proposal: took = 2.5ms\n'],
      ['m2-metrics.txt', 'etcd_server_has_leader 1\n', at],
      ['other.txt', 'etcd_server_has_leader 1\n', at],
    );
    const of = (kind: string): string[] =>
      made.manifest.items.filter((item) => item.kind === kind && item.paths.length > 0).map(({ target }) => target.id);
    assert.deepEqual(of('read-latency'), ['8a553cae6165cbf1']);
    assert.deepEqual(of('metrics').sort(), ['3368474bd37dfece', 'endpoint-other.txt']);
    assert.ok(notesOf(made).some((note) => /m2-metrics\.txt was taken as of m2, by its file name alone/.test(note)));
    const { report } = await analysed(made);
    assert.equal(report.cluster.voters, 2, 'the list says how many, whatever files stay unknown');
  });

  test('files of one name in two directories are of two members, and where they lay is not told', async () => {
    const made = await give(
      ['/home/alice/acme/node1/metrics.txt', 'etcd_server_has_leader 1\n', at],
      ['/home/alice/acme/node2/metrics.txt', 'etcd_server_has_leader 1\n', at],
    );
    assert.deepEqual(
      members(made)
        .map(({ name }) => name)
        .sort(),
      ['node1/metrics.txt', 'node2/metrics.txt'],
    );
    assert.ok(made.files.every(({ bytes }) => !Buffer.from(bytes).includes('alice')));
  });

  test('the directory of a loose file counts where a layout knows it', async () => {
    const [[, content]] = looseFiles('quorum-lost-3.5', ['server-log']) as [Given];
    const made = await give([
      'mg/namespaces/openshift-etcd/pods/etcd-cp7/etcd/etcd/logs/previous.log',
      Buffer.from(content as Uint8Array),
    ]);
    assert.ok(made.files.some(({ path }) => path.endsWith('/logs/server-previous.log')));
  });

  test('evidence of two clusters is told', async () => {
    const status = (id: number): string =>
      `[{"Endpoint":"http://10.0.0.${id}:2379","Status":{"header":{"cluster_id":1760228203992824983${id},"member_id":${id},"revision":5,"raft_term":2},"version":"3.5.16","dbSize":20480,"leader":${id},"raftIndex":9,"raftTerm":2}}]`;
    const made = await give(['a.json', status(1)], ['b.json', status(2)]);
    assert.ok(notesOf(made).some((note) => /is of 2 clusters/.test(note)));
  });

  test('an address that two lists give to two members joins nothing', async () => {
    const made = await give(
      ['a.txt', '3368474bd37dfece, started, m2, http://127.0.0.1:2380, http://127.0.0.1:2379, false\n'],
      ['b.txt', '8a553cae6165cbf1, started, m3, http://127.0.0.1:2380, http://127.0.0.1:2379, false\n'],
      ['health.txt', 'http://127.0.0.1:2379 is healthy: successfully committed proposal: took = 2.5ms\n'],
    );
    assert.ok(
      made.manifest.items.some(({ kind, target }) => kind === 'read-latency' && target.id.startsWith('endpoint-')),
    );
  });
});

test('numbers and units', () => {
  assert.deepEqual(parseExact('{"a":17623282757708193879,"b":0.83499999999999999,"c":"12345678901234567890","d":-1}'), {
    ok: true,
    value: { a: '17623282757708193879', b: 0.835, c: '12345678901234567890', d: -1 },
  });
  assert.equal(idOfDecimal('17623282757708193879'), 'f4927a4bc576a057');
  assert.equal(idOfDecimal('18446744073709551616'), undefined);
  assert.equal(bytesOf('1.1 MB'), '1100000');
  assert.equal(bytesOf('20 KiB'), undefined);
  assert.equal(durationMs('1m5.306137902s'), 65_306.137902);
  assert.equal(durationMs('soon'), undefined);
});
