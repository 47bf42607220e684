import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { found, REAL_34, REAL_36, summarize, zapLine } from './lines.js';

const SYNC = zapLine('warn', 'slow fdatasync', { took: '1.25s', 'expected-duration': '1s' });
const ZAP_TIME = Date.UTC(2026, 10, 22, 10, 0, 0, 123);
const REFERENCE = Date.UTC(2026, 10, 23);

test('lines of a real 3.6 server', async () => {
  const summary = await summarize(REAL_36);
  assert.deepEqual(summary.forms, { 'zap-json': 3 });
  assert.deepEqual(found(summary), {
    'conn-refused': 1,
    'prober-unhealthy': 1,
    'raft-new-election': 1,
    'starting-etcd': 1,
  });
  assert.equal(summary.starts[0]?.version, '3.6.16');
  assert.equal(summary.startupConfig?.['quota-backend-bytes'], '2147483648');
  assert.equal(summary.startupConfig?.['heartbeat-interval'], '100ms');
  assert.equal(summary.startupConfig?.['initial-cluster'], 'm1=http://127.0.0.1:23061,m2=http://127.0.0.1:23063');
});

test('lines of a real 3.4 server with its default logger', async () => {
  const summary = await summarize(REAL_34);
  assert.equal(summary.forms.capnslog, 11);
  assert.equal(summary.levels.warn, 2);
  assert.equal(found(summary)['raft-became-follower'], 1);
  assert.equal(found(summary)['prober-unhealthy-34'], 1);
  assert.equal(summary.starts[0]?.version, '3.4.23');
  assert.equal(summary.startupConfig?.['election-timeout'], '1000ms');
  assert.equal(summary.startupConfig?.['data-dir'], 'd-3.4-default');
  assert.equal(summary.times.assumedUtc, 11);
});

const wrapped: [string, string, string, number][] = [
  ['cri', `2026-11-22T10:00:05.000000000Z stderr F ${SYNC}`, 'cri', ZAP_TIME],
  [
    'docker-json',
    JSON.stringify({ log: `${SYNC}\n`, stream: 'stderr', time: '2026-11-22T10:00:05Z' }),
    'docker-json',
    ZAP_TIME,
  ],
  ['journald short', `Nov 22 10:00:05 host etcd[12]: ${SYNC}`, 'journald-short', ZAP_TIME],
  ['journald short-iso', `2026-11-22T10:00:05+0000 host etcd[12]: ${SYNC}`, 'journald-short-iso', ZAP_TIME],
  [
    'journald json',
    JSON.stringify({ __CURSOR: 's=1', MESSAGE: SYNC, __REALTIME_TIMESTAMP: '1795341605000000', PRIORITY: '6' }),
    'journald-json',
    ZAP_TIME,
  ],
  [
    'journald json with bytes',
    JSON.stringify({ __CURSOR: 's=1', MESSAGE: [...Buffer.from(SYNC)], __REALTIME_TIMESTAMP: '1795341605000000' }),
    'journald-json',
    ZAP_TIME,
  ],
];

for (const [name, line, wrapper, time] of wrapped) {
  test(`${name} is unwrapped`, async () => {
    const summary = await summarize(`${line}\r\n`, REFERENCE);
    assert.deepEqual(summary.wrappers, { [wrapper]: 1 });
    assert.deepEqual(found(summary), { 'wal-slow-fdatasync': 1 });
    assert.equal(summary.firstTime, time);
    assert.equal(summary.signatures.get('wal-slow-fdatasync')?.numbers.get('took')?.worst.value, 1.25);
  });
}

test('journald export, with a sized value whose length holds a newline byte', async () => {
  const message = `${'x'.repeat(10)}`;
  const sized = Buffer.concat([
    Buffer.from('MESSAGE\n'),
    Buffer.from([10, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.from(`${message}\n`),
  ]);
  const head = (n: number) => Buffer.from(`__CURSOR=s=${n}\n__REALTIME_TIMESTAMP=1795341605000000\nPRIORITY=4\n`);
  const text = Buffer.concat([head(1), sized, Buffer.from('\n'), head(2), Buffer.from(`MESSAGE=${SYNC}\n\n`)]);
  const summary = await summarize(text);
  assert.deepEqual(summary.wrappers, { 'journald-export': 2 });
  assert.deepEqual(found(summary), { 'wal-slow-fdatasync': 1 });
  assert.equal(summary.forms.plain, 1);
});

test('parts of a CRI line are joined, streams apart', async () => {
  const at = (stream: string, flag: string, part: string) =>
    `2026-11-22T10:00:05.000000000Z ${stream} ${flag} ${part}\n`;
  const text = at('stderr', 'P', SYNC.slice(0, 30)) + at('stdout', 'F', 'other') + at('stderr', 'F', SYNC.slice(30));
  assert.deepEqual(found(await summarize(text)), { 'wal-slow-fdatasync': 1 });
});

test('zap console, epoch timestamps, reordered JSON, logfmt, klog', async () => {
  const console =
    '2026-11-22T10:00:00.123Z\tWARN\twal/wal.go:805\tslow fdatasync\t{"took": "1.25s", "expected-duration": "1s"}';
  const epoch = '{"level":"warn","ts":1795341600.5,"caller":"x.go:1","msg":"slow fdatasync","took":"1s"}';
  const sorted = '{"caller":"x.go:1","level":"warn","msg":"slow fdatasync","took":"1.1s","ts":"2026-11-22T10:00:00Z"}';
  const logfmt = `time="2026-11-22T10:00:00Z" level=warning msg="dial tcp 10.0.0.1:2379: connect: connection refused"`;
  const klog = 'W1122 10:00:00.123456       1 client.go:12] etcdserver: no leader';
  const summary = await summarize([console, epoch, sorted, logfmt, klog].join('\n'));
  assert.deepEqual(summary.forms, { 'zap-json': 2, 'zap-console': 1, logfmt: 1, klog: 1 });
  assert.equal(summary.levels.warn, 3);
  assert.deepEqual(found(summary), { 'err-no-leader': 1, 'wal-slow-fdatasync': 3 });
  assert.equal(summary.signatures.get('wal-slow-fdatasync')?.timed, 3);
});

test('syslog time takes the year before the reference, also across new year', async () => {
  const reference = Date.UTC(2026, 0, 1, 0, 10);
  const text = 'Dec 31 23:59:00 host etcd[1]: a\nJan  1 00:01:00 host etcd[1]: b\n';
  const summary = await summarize(text, reference);
  assert.equal(summary.firstTime, Date.UTC(2025, 11, 31, 23, 59));
  assert.equal(summary.lastTime, Date.UTC(2026, 0, 1, 0, 1));
});

test('lines of other units and other processes are left alone', async () => {
  const text = `Nov 22 10:00:05 host kubelet[12]: etcdserver: no leader\nNov 22 10:00:05 host etcd[12]: etcdserver: no leader\n`;
  const summary = await summarize(text, REFERENCE);
  assert.equal(summary.foreignLines, 1);
  assert.deepEqual(found(summary), { 'err-no-leader': 1 });
});

test('a Go panic is kept with the time of the line before it', async () => {
  const text = `${SYNC}\npanic: page 1938 already freed\n\ngoroutine 1 [running]:\nmain.main()\n\t/x/main.go:3 +0x1d\n`;
  const summary = await summarize(text);
  assert.equal(summary.fatal.length, 1);
  assert.equal(summary.fatal[0]?.line, 2);
  assert.equal(summary.fatal[0]?.time, ZAP_TIME);
  assert.equal(summary.forms['go-trace'], 4);
  assert.equal(found(summary)['bbolt-already-freed'], 1);
});

test('starts know the lines before them and whether the stop was orderly', async () => {
  const start = zapLine('info', 'starting an etcd server', { 'etcd-version': '3.5.16' });
  const stop = zapLine('info', 'received signal; shutting down', { signal: 'terminated' });
  const text = [start, SYNC, start, SYNC, stop, start].join('\n');
  const { starts } = await summarize(text, undefined, 100);
  assert.deepEqual(
    starts.map((s) => s.orderlyStopBefore),
    [undefined, false, true],
  );
  assert.equal(starts[1]?.before.at(-1)?.text, SYNC);
  assert.equal(starts[1]?.before.at(-1)?.line, 2);
  assert.equal(starts[2]?.before.at(-1)?.text, stop);
});

test('gzip input gives the same as plain input', async () => {
  const text = `${REAL_36}${REAL_34}`;
  const plain = await summarize(text);
  const packed = await summarize(Buffer.concat([gzipSync(REAL_36), gzipSync(REAL_34)]), undefined, 7);
  assert.equal(packed.compressed, true);
  assert.deepEqual({ ...packed, compressed: false }, plain);
});

test('the result does not depend on how the bytes are cut', async () => {
  const text = `${REAL_36}${wrapped.map(([, line]) => line).join('\n')}\n${REAL_34}`;
  const whole = await summarize(text, REFERENCE);
  for (const chunk of [1, 2, 3, 61, 1000]) assert.deepEqual(await summarize(text, REFERENCE, chunk), whole);
});
