import { type LineValues, PEERS, type Share } from './lines.js';

type Fields = (values: LineValues) => string;

const line =
  (level: string, caller: string, message: string, fields: Fields = () => ''): Share['line'] =>
  (values) =>
    `{"level":"${level}","ts":"${values.stamp.slice(0, 23)}${100 + (values.n % 900)}Z","caller":"${caller}","msg":"${message}"${fields(values)}}`;

const raft =
  (level: string, message: Fields): Share['line'] =>
  (values) =>
    `{"level":"${level}","ts":"${values.stamp.slice(0, 23)}${100 + (values.n % 900)}Z","logger":"raft","caller":"etcdserver/zap_raft.go:77","msg":"${message(values)}"}`;

const traceNumber = ({ n }: LineValues): number => 1_000_000 + ((n * 7919) % 1_999_000_000);

const trace =
  (operation: string, detail: Fields): Share['line'] =>
  (values) => {
    const id = traceNumber(values);
    const { stamp, took } = values;
    return line('info', 'traceutil/trace.go:171', `trace[${id}] ${operation}`, (own) => {
      return `,"detail":"{${detail(own)} }","duration":"${took}","start":"${stamp}","end":"${stamp}","steps":["trace[${id}] 'process raft request'  (duration: ${took})"],"step_count":1`;
    })(values);
  };

const requestStats = (level: string): Share['line'] =>
  line(level, 'v3rpc/interceptor.go:182', 'request stats', ({ stamp, took, n, key, size }) => {
    const content =
      n % 3 === 0
        ? `key:\\"${key}\\" limit:500 `
        : `compare:<target:MOD key:\\"${key}\\" mod_revision:${n} > success:<request_put:<key:\\"${key}\\" value_size:${size % 2000} >> failure:<>`;
    return `,"start time":"${stamp}","time spent":"${took}","remote":"127.0.0.1:${40_000 + (n % 20_000)}","response type":"/etcdserverpb.KV/${n % 3 === 0 ? 'Range' : 'Txn'}","request count":1,"request size":${size % 3000},"response count":0,"response size":${size % 900},"request content":"${content}"`;
  });

const slowRange = line(
  'warn',
  'etcdserver/util.go:170',
  'apply request took too long',
  ({ took, key, size }) =>
    `,"took":"${took}","expected-duration":"100ms","prefix":"read-only range ","request":"key:\\"${key}\\" limit:500 ","response":"range_response_count:1 size:${size}"`,
);
const slowTxn = line(
  'warn',
  'etcdserver/util.go:170',
  'apply request took too long',
  ({ took, key, size, n }) =>
    `,"took":"${took}","expected-duration":"100ms","prefix":"","request":"header:<ID:${10_735_352_273_852_000_000n + BigInt(n)} username:\\"kube-apiserver-etcd-client\\" auth_revision:1 > txn:<compare:<target:MOD key:\\"${key}\\" mod_revision:${n} > success:<request_put:<key:\\"${key}\\" value_size:${size % 4000} >> failure:<request_range:<key:\\"${key}\\" > >>","response":"size:18"`,
);
const heartbeat = line(
  'warn',
  'etcdserver/raft.go:416',
  'leader failed to send out heartbeat on time; took too long, leader is overloaded likely from slow disk',
  ({ peer, took }) =>
    `,"to":"${peer}","heartbeat-interval":"100ms","expected-duration":"200ms","exceeded-duration":"${took}"`,
);
const slowSync = line(
  'warn',
  'wal/wal.go:805',
  'slow fdatasync',
  ({ took }) => `,"took":"${took}","expected-duration":"1s"`,
);
const prober = line(
  'warn',
  'rafthttp/probing_status.go:68',
  'prober detected unhealthy status',
  ({ peer, took, n }) =>
    `,"round-tripper-name":"ROUND_TRIPPER_RAFT_MESSAGE","remote-peer-id":"${peer}","rtt":"${took}","error":"dial tcp 10.0.0.${n % 250}:2380: i/o timeout"`,
);
const compaction = line('info', 'mvcc/kvstore_compaction.go:68', 'finished scheduled compaction', (values) => {
  const { revision, took, n, size } = values;
  return `,"compact-revision":${revision},"took":"${took}","hash":${n},"current-db-size-bytes":${size * 9},"current-db-size":"1.2 GB","current-db-size-in-use-bytes":${size * 5},"current-db-size-in-use":"812 MB"`;
});
const treeIndex = line('info', 'mvcc/index.go:214', 'compact tree index', ({ revision }) => `,"revision":${revision}`);
const vote = raft(
  'info',
  ({ peer, n }) =>
    `${peer} [term: ${n % 99}] received a MsgVote message with higher term from ${PEERS[0]} [term: ${n % 99}]`,
);
const unheardOf = line(
  'warn',
  'embed/x.go:1',
  'something unheard of happened',
  ({ n }) => `,"attempt":${n},"error":"read tcp 10.0.0.1:${n % 60000}->10.0.0.2:2380: read: connection reset by peer"`,
);
const storingHash = line(
  'info',
  'mvcc/hash.go:137',
  'storing new hash',
  ({ n, revision }) => `,"hash":${n},"revision":${revision},"compact-revision":${revision - 7n}`,
);
const purged = line(
  'info',
  'fileutil/purge.go:77',
  'purged',
  ({ n }) =>
    `,"path":"/var/lib/etcd/member/wal/${n.toString(16).padStart(16, '0')}-${(n * 31).toString(16).padStart(16, '0')}.wal"`,
);
const snapshot = line(
  'info',
  'etcdserver/server.go:1453',
  'triggering snapshot',
  ({ peer, n }) =>
    `,"local-member-id":"${peer}","local-member-applied-index":${n},"local-member-snapshot-index":${n - 10_000},"local-member-snapshot-count":10000`,
);
const saved = line('info', 'etcdserver/server.go:2473', 'saved snapshot', ({ n }) => `,"snapshot-index":${n}`);
const rejected = line(
  'warn',
  'embed/config_logging.go:169',
  'rejected connection',
  ({ n }) => `,"remote-addr":"10.0.0.${n % 250}:${n % 60000}","server-name":"","error":"EOF"`,
);
const connected = line(
  'info',
  'rafthttp/stream.go:274',
  'established TCP streaming connection with remote peer',
  ({ peer }) => `,"stream-writer-type":"stream Message","local-member-id":"${PEERS[0]}","remote-peer-id":"${peer}"`,
);
const commit = raft(
  'debug',
  ({ peer, n }) =>
    `${peer} received MsgAppResp(rejected, hint: (index ${n}, term 4)) from ${PEERS[1]} for index ${n + 1}`,
);
const health = line('debug', 'etcdhttp/health.go:114', '/health OK', () => ',"status-code":200');

export const zapUsual: readonly Share[] = [
  { share: 0.36, line: requestStats('debug') },
  {
    share: 0.17,
    line: trace(
      'transaction',
      ({ revision }) => `read_only:false; response_revision:${revision}; number_of_response:1;`,
    ),
  },
  {
    share: 0.06,
    line: trace(
      'range',
      ({ key, revision }) => `range_begin:${key}; range_end:; response_count:1; response_revision:${revision};`,
    ),
  },
  { share: 0.11, line: health },
  { share: 0.05, line: commit },
  { share: 0.03, line: treeIndex },
  { share: 0.03, line: compaction },
  { share: 0.03, line: storingHash },
  { share: 0.01, line: purged },
  { share: 0.01, line: snapshot },
  { share: 0.01, line: saved },
  { share: 0.005, line: connected },
  { share: 0.005, line: vote },
  { share: 0.05, line: slowRange },
  { share: 0.03, line: slowTxn },
  { share: 0.015, line: requestStats('warn') },
  { share: 0.01, line: heartbeat },
  { share: 0.005, line: slowSync },
  { share: 0.005, line: prober },
  { share: 0.005, line: rejected },
  { share: 0.005, line: unheardOf },
];

export const zapHostile: readonly Share[] = [
  { share: 0.55, line: slowRange },
  {
    share: 0.2,
    line: trace(
      'transaction',
      ({ revision }) => `read_only:false; response_revision:${revision}; number_of_response:1;`,
    ),
  },
  { share: 0.1, line: compaction },
  { share: 0.05, line: heartbeat },
  { share: 0.02, line: slowSync },
  { share: 0.03, line: prober },
  { share: 0.02, line: vote },
  { share: 0.015, line: treeIndex },
  { share: 0.015, line: unheardOf },
];

/** What a server prints when it starts. */
export const zapStart: Share['line'] = line(
  'info',
  'embed/etcd.go:310',
  'starting an etcd server',
  () =>
    `,"etcd-version":"3.5.16","git-sha":"f20bbad","go-version":"go1.22.7","go-os":"linux","go-arch":"amd64","max-cpu-set":4,"max-cpu-available":8,"member-initialized":true,"name":"m1","data-dir":"/var/lib/etcd","heartbeat-interval":"100ms","election-timeout":"1s","snapshot-count":10000,"quota-backend-bytes":8589934592,"initial-cluster-token":""`,
);
