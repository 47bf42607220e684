import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';

/** Shapes of the generated file: zap JSON as 3.5 and later print it, or the text of 3.4. */
export type GeneratedForm = 'zap' | 'text';

/** A small fixed generator of pseudo-random numbers, so that the same seed gives the same bytes. */
function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const PEERS = ['8e9e05c52164694d', '9cb128de476731a6', 'd3f1a9c0b2e47765'];

function duration(seconds: number): string {
  return seconds < 1 ? `${(seconds * 1000).toFixed(6)}ms` : `${seconds.toFixed(9)}s`;
}

/**
 * Lines of a busy member with a slow disk: mostly slow requests, traces and compactions; late heartbeats, slow syncs, peer faults,
 * elections and a few warnings that no signature knows.
 */
export function* generateLines(form: GeneratedForm, seed: number): Generator<string> {
  const random = randomSource(seed);
  let time = Date.UTC(2026, 9, 1);
  let revision = 184_467_440_737n;
  for (let n = 0; ; n++) {
    time += Math.floor(random() * random() * 2000);
    revision += 7n;
    const peer = PEERS[n % 3] ?? '';
    const stamp = new Date(time).toISOString();
    const took = duration(0.1 + random() ** 6 * 4);
    const key = `/registry/leases/kube-node-lease/node-${Math.floor(random() * 500)}`;
    const size = Math.floor(300 + random() ** 9 * 4e6);
    const pick = random();
    if (form === 'zap') yield zapLine(n, stamp, pick, took, key, size, peer, revision);
    else yield textLine(n, stamp, pick, took, key, size, peer, revision);
  }
}

function zapLine(
  n: number,
  stamp: string,
  pick: number,
  took: string,
  key: string,
  size: number,
  peer: string,
  revision: bigint,
): string {
  const line = (level: string, caller: string, msg: string, rest: string): string =>
    `{"level":"${level}","ts":"${stamp}","caller":"${caller}","msg":"${msg}"${rest}}`;
  if (n % 200_000 === 0) {
    return line(
      'info',
      'embed/etcd.go:310',
      'starting an etcd server',
      `,"etcd-version":"3.5.16","git-sha":"f20bbad","go-version":"go1.22.7","go-os":"linux","go-arch":"amd64","max-cpu-set":4,"max-cpu-available":8,"member-initialized":true,"name":"m1","data-dir":"/var/lib/etcd","heartbeat-interval":"100ms","election-timeout":"1s","snapshot-count":10000,"quota-backend-bytes":8589934592,"initial-cluster-token":""`,
    );
  }
  if (pick < 0.55) {
    return line(
      'warn',
      'etcdserver/util.go:170',
      'apply request took too long',
      `,"took":"${took}","expected-duration":"100ms","prefix":"read-only range ","request":"key:\\"${key}\\" limit:500 ","response":"range_response_count:1 size:${size}"`,
    );
  }
  if (pick < 0.75) {
    return line(
      'info',
      'traceutil/trace.go:171',
      `trace[${1_000_000 + n}] transaction`,
      `,"detail":"{read_only:false; response_revision:${revision}; number_of_response:1; }","duration":"${took}","start":"${stamp}","end":"${stamp}","steps":["trace[${1_000_000 + n}] 'process raft request'  (duration: ${took})"],"step_count":1`,
    );
  }
  if (pick < 0.85) {
    return line(
      'info',
      'mvcc/kvstore_compaction.go:68',
      'finished scheduled compaction',
      `,"compact-revision":${revision},"took":"${took}","hash":${n},"current-db-size-bytes":${size * 9},"current-db-size":"1.2 GB","current-db-size-in-use-bytes":${size * 5},"current-db-size-in-use":"812 MB"`,
    );
  }
  if (pick < 0.9) {
    return line(
      'warn',
      'etcdserver/raft.go:416',
      'leader failed to send out heartbeat on time; took too long, leader is overloaded likely from slow disk',
      `,"to":"${peer}","heartbeat-interval":"100ms","expected-duration":"200ms","exceeded-duration":"${took}"`,
    );
  }
  if (pick < 0.92)
    return line('warn', 'wal/wal.go:805', 'slow fdatasync', `,"took":"${took}","expected-duration":"1s"`);
  if (pick < 0.95) {
    return line(
      'warn',
      'rafthttp/probing_status.go:68',
      'prober detected unhealthy status',
      `,"round-tripper-name":"ROUND_TRIPPER_RAFT_MESSAGE","remote-peer-id":"${peer}","rtt":"${took}","error":"dial tcp 10.0.0.${n % 250}:2380: i/o timeout"`,
    );
  }
  if (pick < 0.97) {
    return `{"level":"info","ts":"${stamp}","logger":"raft","caller":"etcdserver/zap_raft.go:77","msg":"${peer} [term: ${n % 99}] received a MsgVote message with higher term from ${PEERS[0]} [term: ${n % 99}]"}`;
  }
  if (pick < 0.985) {
    return line('info', 'mvcc/index.go:214', 'compact tree index', `,"revision":${revision}`);
  }
  return line(
    'warn',
    'embed/x.go:1',
    'something unheard of happened',
    `,"attempt":${n},"error":"read tcp 10.0.0.1:${n % 60000}->10.0.0.2:2380: read: connection reset by peer"`,
  );
}

function textLine(
  n: number,
  stamp: string,
  pick: number,
  took: string,
  key: string,
  size: number,
  peer: string,
  revision: bigint,
): string {
  const line = (level: string, rest: string): string =>
    `${stamp.slice(0, 10)} ${stamp.slice(11, 23)}${100 + (n % 900)} ${level} | ${rest}`;
  if (n % 200_000 === 0) return line('I', 'etcdmain: etcd Version: 3.4.23');
  if (pick < 0.65) {
    return line(
      'W',
      `etcdserver: read-only range request "key:\\"${key}\\" " with result "range_response_count:1 size:${size}" took too long (${took}) to execute`,
    );
  }
  if (pick < 0.8) return line('I', `mvcc: finished scheduled compaction at ${revision} (took ${took})`);
  if (pick < 0.9) {
    return line(
      'W',
      `etcdserver: failed to send out heartbeat on time (exceeded the 100ms timeout for ${took}, to ${peer})`,
    );
  }
  if (pick < 0.95) return line('W', 'etcdserver: server is likely overloaded');
  return line('I', `raft: ${peer} became follower at term ${n % 99}`);
}

/** Writes about `bytes` bytes of generated log to `path`. */
export async function generateLog(path: string, bytes: number, form: GeneratedForm = 'zap', seed = 1): Promise<void> {
  const out = createWriteStream(path, { highWaterMark: 1 << 20 });
  let written = 0;
  let block = '';
  for (const line of generateLines(form, seed)) {
    block += `${line}\n`;
    if (block.length < 1 << 20 && written + block.length < bytes) continue;
    written += block.length;
    if (!out.write(block)) await once(out, 'drain');
    block = '';
    if (written >= bytes) break;
  }
  out.end();
  await once(out, 'finish');
}

const invoked = process.argv[1];
if (invoked !== undefined && import.meta.url === pathToFileURL(invoked).href) {
  const [path = '', bytes = '1e9', form = 'zap'] = process.argv.slice(2);
  await generateLog(path, Number(bytes), form === 'text' ? 'text' : 'zap');
}
