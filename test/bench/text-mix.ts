import type { LineValues, Share } from './lines.js';

const line =
  (level: string, rest: (values: LineValues) => string): Share['line'] =>
  (values) =>
    `${values.stamp.slice(0, 10)} ${values.stamp.slice(11, 23)}${100 + (values.n % 900)} ${level} | ${rest(values)}`;

const slowRange = line(
  'W',
  ({ key, size, took }) =>
    `etcdserver: read-only range request "key:\\"${key}\\" " with result "range_response_count:1 size:${size}" took too long (${took}) to execute`,
);
const slowTxn = line(
  'W',
  ({ key, size, took, n }) =>
    `etcdserver: request "header:<ID:${10_735_352_273_852_000_000n + BigInt(n)} > txn:<compare:<target:MOD key:\\"${key}\\" mod_revision:${n} > success:<request_put:<key:\\"${key}\\" value_size:${size % 4000} >> failure:<>>" with result "size:18" took too long (${took}) to execute`,
);
const compaction = line(
  'I',
  ({ revision, took }) => `mvcc: finished scheduled compaction at ${revision} (took ${took})`,
);
const heartbeat = line(
  'W',
  ({ took, peer }) =>
    `etcdserver: failed to send out heartbeat on time (exceeded the 100ms timeout for ${took}, to ${peer})`,
);
const overloaded = line('W', () => 'etcdserver: server is likely overloaded');
const follower = line('I', ({ peer, n }) => `raft: ${peer} became follower at term ${n % 99}`);
const health = line('I', () => 'etcdserver/api/etcdhttp: /health OK (status code 200)');
const indexCompact = line('I', ({ revision }) => `mvcc: store.index: compact ${revision}`);
const snapshot = line('I', ({ n }) => `etcdserver: start to snapshot (applied: ${n}, lastsnap: ${n - 10_000})`);
const saved = line('I', ({ n }) => `etcdserver: saved snapshot at index ${n}`);
const compacted = line('I', ({ n }) => `etcdserver: compacted raft log at ${n}`);
const purged = line(
  'I',
  ({ n }) =>
    `pkg/fileutil: purged file /var/lib/etcd/member/wal/${n.toString(16).padStart(16, '0')}-0.wal successfully`,
);

export const textUsual: readonly Share[] = [
  { share: 0.5, line: health },
  { share: 0.1, line: indexCompact },
  { share: 0.1, line: compaction },
  { share: 0.05, line: snapshot },
  { share: 0.05, line: saved },
  { share: 0.04, line: compacted },
  { share: 0.02, line: purged },
  { share: 0.01, line: follower },
  { share: 0.07, line: slowRange },
  { share: 0.04, line: slowTxn },
  { share: 0.01, line: heartbeat },
  { share: 0.01, line: overloaded },
];

export const textHostile: readonly Share[] = [
  { share: 0.65, line: slowRange },
  { share: 0.15, line: compaction },
  { share: 0.1, line: heartbeat },
  { share: 0.05, line: overloaded },
  { share: 0.05, line: follower },
];

/** What a server prints when it starts. */
export const textStart: Share['line'] = line('I', () => 'etcdmain: etcd Version: 3.4.23');
