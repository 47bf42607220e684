import { Readable } from 'node:stream';
import { summarizeLog, type LogSummary } from '../../../analyzer/logs/index.js';

/** Summarizes text, in chunks of `chunk` bytes so that lines are cut at every place. */
export function summarize(text: string | Uint8Array, referenceTime?: number, chunk = 65536): Promise<LogSummary> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : Buffer.from(text);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunk) pieces.push(bytes.subarray(at, at + chunk));
  const options = referenceTime === undefined ? { source: 'etcd.log' } : { source: 'etcd.log', referenceTime };
  return summarizeLog(Readable.from(pieces), options);
}

/** Ids of the signatures that were found, with counts. */
export function found(summary: LogSummary): Record<string, number> {
  return Object.fromEntries([...summary.signatures].map(([id, { count }]) => [id, count]));
}

/** A zap JSON line as etcd 3.5 prints it. */
export function zapLine(
  level: string,
  msg: string,
  fields: Record<string, unknown> = {},
  ts = '2026-11-22T10:00:00.123Z',
): string {
  return JSON.stringify({ level, ts, caller: 'etcdserver/x.go:12', msg, ...fields });
}

// Lines printed by real servers: 3.4.23 (text), 3.6 (zap), one member of two, the other never started.
export const REAL_34 = `[WARNING] Deprecated '--logger=capnslog' flag is set; use '--logger=zap' flag instead
2026-11-22 14:40:16.929664 I | etcdmain: etcd Version: 3.4.23
2026-11-22 14:40:16.929848 I | etcdmain: setting maximum number of CPUs to 2, total number of available CPUs is 2
2026-11-22 14:40:16.930597 I | embed: name = m1
2026-11-22 14:40:16.930606 I | embed: data dir = d-3.4-default
2026-11-22 14:40:16.930613 I | embed: heartbeat = 100ms
2026-11-22 14:40:16.930616 I | embed: election = 1000ms
2026-11-22 14:40:16.930619 I | embed: snapshot count = 100000
2026-11-22 14:40:16.975334 I | etcdserver: starting member 574d741d80b4e63c in cluster 68c697cffb81a6de
raft2026/11/22 14:40:16 INFO: 574d741d80b4e63c became follower at term 0
2026-11-22 14:40:16.986215 W | auth: simple token is not cryptographically signed
2026-11-22 14:40:22.009220 W | rafthttp: health check for peer 4d8ddc95a8fbdafa could not connect: dial tcp 127.0.0.1:23043: connect: connection refused
`;

export const REAL_36 = `{"level":"info","ts":"2026-11-22T14:40:16.956235Z","caller":"embed/etcd.go:323","msg":"starting an etcd server","etcd-version":"3.6.16","git-sha":"Not provided (use ./build instead of go build)","go-version":"go1.26.8","go-os":"linux","go-arch":"amd64","max-cpu-set":2,"max-cpu-available":2,"member-initialized":false,"name":"m1","data-dir":"d-3.6-default","wal-dir":"","wal-dir-dedicated":"","member-dir":"d-3.6-default/member","force-new-cluster":false,"heartbeat-interval":"100ms","election-timeout":"1s","initial-election-tick-advance":true,"snapshot-count":10000,"max-wals":5,"max-snapshots":5,"snapshot-catchup-entries":5000,"initial-advertise-peer-urls":["http://127.0.0.1:23061"],"listen-peer-urls":["http://127.0.0.1:23061"],"advertise-client-urls":["http://127.0.0.1:23060"],"listen-client-urls":["http://127.0.0.1:23060"],"listen-metrics-urls":[],"experimental-local-address":"","cors":["*"],"host-whitelist":["*"],"initial-cluster":"m1=http://127.0.0.1:23061,m2=http://127.0.0.1:23063","initial-cluster-state":"new","initial-cluster-token":"etcd-cluster","quota-backend-bytes":2147483648,"max-request-bytes":1572864,"max-concurrent-streams":4294967295,"pre-vote":true,"feature-gates":"","initial-corrupt-check":false,"corrupt-check-time-interval":"0s","compact-check-time-interval":"1m0s","auto-compaction-mode":"periodic","auto-compaction-retention":"0s","auto-compaction-interval":"0s","discovery-url":"","discovery-proxy":"","discovery-token":"","discovery-endpoints":"","discovery-dial-timeout":"2s","discovery-request-timeout":"5s","discovery-keepalive-time":"2s","discovery-keepalive-timeout":"6s","discovery-insecure-transport":true,"discovery-insecure-skip-tls-verify":false,"discovery-cert":"","discovery-key":"","discovery-cacert":"","discovery-user":"","downgrade-check-interval":"5s","max-learners":1,"v2-deprecation":"write-only"}
{"level":"info","ts":"2026-11-22T14:40:18.186683Z","logger":"raft","caller":"v3@v3.6.0/raft.go:988","msg":"bed84179310c050b is starting a new election at term 1"}
{"level":"warn","ts":"2026-11-22T14:40:22.020256Z","caller":"rafthttp/probing_status.go:68","msg":"prober detected unhealthy status","round-tripper-name":"ROUND_TRIPPER_SNAPSHOT","remote-peer-id":"c897039d30742661","rtt":"0s","error":"dial tcp 127.0.0.1:23063: connect: connection refused"}
`;
