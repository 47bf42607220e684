import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { logSignatures } from '../../../analyzer/logs/index.js';
import { found, summarize } from './lines.js';
import { expected, signatureLines } from './signature-lines.js';
import { WRAPS } from './wrappers.js';

const START = Date.UTC(2026, 10, 22, 10);
const REFERENCE = START + 86_400_000;

/** Lines that the tools which print this form do not carry: klog and logrus quote no panic, and neither has the kernel in it. */
const BARE_ONLY = /^(?:panic|fatal error|unexpected|http|[A-Z][a-z]{2} \d\d \d\d:)/;
const OTHER_PROGRAMS = ['klog', 'k3s, zap in logrus'];

function linesFor(name: string): typeof signatureLines {
  return OTHER_PROGRAMS.includes(name) ? signatureLines.filter(({ line }) => !BARE_ONLY.test(line)) : signatureLines;
}

test('every signature has a line of the newest etcd that prints it, and one of 3.4 if that does', () => {
  const versions = new Map<string, string[]>();
  for (const { id, version } of signatureLines) versions.set(id, [...(versions.get(id) ?? []), version]);
  for (const { id, where, versions: of } of logSignatures()) {
    const have = versions.get(id) ?? [];
    assert.ok(have.length > 0, id);
    assert.ok(
      have.every((version) => of.includes(version)),
      `${id}: ${have.join()} of ${of.join()}`,
    );
    if (where === 'msg') {
      assert.ok(have.includes(of.at(-1) ?? ''), `${id}: no line of ${of.at(-1)}`);
      assert.ok(!of.includes('3.4') || have.includes('3.4'), `${id}: no line of 3.4`);
    }
  }
  assert.equal(versions.size, logSignatures().length, 'a line of a signature that is not there');
});

test('each line is recognised as its signature and as no other', async () => {
  for (const line of signatureLines) {
    const summary = await summarize(`${line.line}\n`, REFERENCE);
    assert.deepEqual(found(summary), sorted(expected([line])), line.line);
  }
});

function sorted(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

for (const [name, wrap] of Object.entries(WRAPS)) {
  const lines = linesFor(name);
  const wrapped = lines.map(({ line }, n) => wrap(line, n, START + n * 1000));
  for (const [ends, text] of [
    ['', `${wrapped.join('\n')}\n`],
    [', CRLF', `${wrapped.join('\n').replaceAll('\n', '\r\n')}\r\n`],
    [', gz', gzipSync(`${wrapped.join('\n')}\n`)],
  ] as const) {
    test(`every signature in ${name}${ends}`, async () => {
      const summary = await summarize(text, REFERENCE, 4096);
      assert.deepEqual(sorted(found(summary)), sorted(expected(lines)));
      assert.equal(summary.foreignLines, 0);
    });
  }
}

const at = (ms: number): string => new Date(START + ms).toISOString();
const ETCD = `{"level":"warn","ts":"${at(0)}","caller":"wal/wal.go:885","msg":"slow fdatasync","took":"1.2s","expected-duration":"1s"}`;

/** Lines that stand beside etcd's in the journal of k3s or of a node, with words that etcd prints as well. */
const OTHERS = [
  'cp1 k3s[812]: time="2026-11-22T10:00:01Z" level=error msg="failed to get CA certs: Get \\"https://127.0.0.1:6444/cacerts\\": dial tcp 127.0.0.1:6444: connect: connection refused"',
  'cp1 k3s[812]: E1122 10:00:01.123456     812 kubelet.go:2859] "Container runtime network not ready" err="write /var/lib/kubelet/pods/x: no space left on device"',
  'cp1 k3s[812]: W1122 10:00:02.123456     812 reflector.go:561] dial tcp 10.0.0.1:6443: i/o timeout',
  'cp1 k3s[812]: I1122 10:00:02.123456     812 trace.go:236] Trace[1038423]: "Get" url:/api/v1/namespaces (22-Nov-2026 10:00:01.000) (total time: 1100ms):',
  'cp1 k3s[812]: time="2026-11-22T10:00:03Z" level=info msg="Tunnel server egress proxy mode: agent"',
  'cp1 kubelet[700]: E1122 10:00:03.123456     700 pod_workers.go:1301] "Error syncing pod" err="x509: certificate has expired or is not yet valid: current time 2026-11-22T10:00:00Z is after 2026-11-21T10:00:00Z"',
  'cp1 containerd[600]: time="2026-11-22T10:00:03.1Z" level=warning msg="cleaning up after shim disconnected" error="input/output error"',
] as const;

test('lines of other programs in the same log are counted and not taken for etcd', async () => {
  const lines = OTHERS.flatMap((line) => [`Nov 22 10:00:00 ${line}`, `Nov 22 10:00:00 cp1 k3s[812]: ${ETCD}`]);
  const summary = await summarize(lines.join('\n'), REFERENCE);
  assert.deepEqual(found(summary), { 'wal-slow-fdatasync': OTHERS.length });
  assert.equal(summary.foreignLines, OTHERS.length);
  assert.equal(summary.levels.warn, OTHERS.length);
  assert.equal(summary.levels.error, undefined);
  assert.equal(summary.unknown.length, 0);
  assert.equal(
    summary.warnings.buckets.reduce((sum, { count }) => sum + count, 0),
    OTHERS.length,
  );
});

test("etcd's own errors are found in what its clients print", async () => {
  const text = [
    'E1122 10:00:02.123456       1 controller.go:163] Unable to sync: etcdserver: request timed out',
    'time="2026-11-22T10:00:03Z" level=error msg="Failed to test etcd connection: etcdserver: no leader"',
  ].join('\n');
  const summary = await summarize(text, REFERENCE);
  assert.deepEqual(found(summary), { 'err-no-leader': 1, 'err-timeout': 1 });
  assert.equal(summary.signatures.get('err-timeout')?.first, START + 2123);
});

test('a silence of etcd is a gap although other programs go on in the same log', async () => {
  const lines: string[] = [];
  for (let second = 0; second < 3600; second++) {
    const stamp = new Date(START + second * 1000).toISOString();
    lines.push(`time="${stamp}" level=info msg="Connecting to proxy"`);
    if (second < 600 || second > 3000) lines.push(ETCD.replace(at(0), stamp));
  }
  const { gaps } = await summarize(lines.join('\n'), REFERENCE);
  assert.deepEqual(
    gaps.map(({ from, to }) => [from - START, to - START]),
    [[599_000, 3_001_000]],
  );
});

test('lines of several pods in one stream', async () => {
  const lines = signatureLines.map(({ line }, n) => `[pod/etcd-cp${n % 3}/etcd] ${line}`);
  assert.deepEqual(sorted(found(await summarize(lines.join('\n'), REFERENCE))), sorted(expected(signatureLines)));
});
