import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../faults/lifecycle/membership.js';
import { type Cluster, startCluster } from '../cluster/cluster.js';
import { valuesOf } from '../fault.js';
import type { LoadReport, RunningLoad } from '../load.js';
import { loads } from './index.js';
import { connectRaw, GrpcError, prepare } from './support/raw.js';

const LIMIT = { timeout: 120_000 };

let cluster: Cluster;
let dispose = async (): Promise<void> => undefined;

before(async () => {
  cluster = await startCluster({ tls: 'mtls', auth: { user: 'root', password: 'sesame' } });
  dispose = cluster.dispose;
}, LIMIT);

after(() => dispose());

const start = (name: string, given = {}): Promise<RunningLoad> => {
  const found = loads.find((load) => load.name === name);
  assert.ok(found, name);
  return found.start(cluster, valuesOf(name, found.params, given) as never);
};

const runFor = async (seconds: number, name: string, given = {}): Promise<LoadReport> => {
  const load = await start(name, given);
  await sleep(seconds * 1000);
  return load.stop();
};

test(
  'the Kubernetes load writes at its rate, reads, watches and lets no call fail, with TLS and authentication',
  LIMIT,
  async () => {
    const load = await start('kubernetes', { rate: 40, watches: 20 });
    await sleep(1_000);
    const watchers = async () => {
      const samples = await Promise.all(cluster.members.map((member) => member.metrics()));
      return samples
        .flat()
        .reduce((sum, { name, value }) => sum + (name === 'etcd_debugging_mvcc_watcher_total' ? value : 0), 0);
    };
    assert.equal(await watchers(), 20);
    await sleep(3_000);
    const { done, failed, lastError } = await load.stop();
    assert.equal(failed, 0, lastError);
    // 40 writes and 20 reads a second, with what a busy machine may leave out.
    assert.ok(done > 140, `${done} done`);
    const pods = await cluster.etcdctl(['get', '--prefix', '/registry/pods/', '--count-only', '--write-out=fields']);
    assert.match(pods.stdout, /"Count" : (29\d|30\d)/);
  },
);

test('a load goes on when the leader dies, and uses it again when it is back', LIMIT, async () => {
  const load = await start('kubernetes', { rate: 40, watches: 20 });
  const leader = await cluster.leader();
  const puts = async (): Promise<number> =>
    (await leader.metrics()).reduce((sum, { name, value }) => sum + (name === 'etcd_mvcc_put_total' ? value : 0), 0);
  await leader.stop('SIGKILL');
  await cluster.leader(20_000);
  await leader.start();
  await cluster.waitHealthy();
  const before = await puts();
  // That they come again, not how soon: clients wait before they dial again.
  await until(20_000, 'more than 60 puts after the restart', async () => (await puts()) - before > 60);
  const { done, failed } = await load.stop();
  assert.ok(failed > 0 && failed < done, `${failed} failed, ${done} done`);
});

test('requests that etcd refuses are what these loads are after', LIMIT, async () => {
  for (const [name, given] of [
    ['request-too-large', { rate: 10 }],
    ['watch-compacted', { rate: 10 }],
    ['watch-compacted', { rate: 10, ranges: true }],
  ] as const) {
    const { done, failed, lastError } = await runFor(1.5, name, given);
    assert.equal(failed, 0, `${name}: ${lastError}`);
    assert.ok(done > 3, `${name}: ${done}`);
  }
});

test('answers are counted without being decoded, and errors keep their gRPC code', LIMIT, async () => {
  const member = cluster.member(0);
  const client = await connectRaw(cluster, member);
  try {
    await client.call(prepare('Put', { key: Buffer.from('raw'), value: Buffer.alloc(50_000) }));
    const received = await client.call(prepare('Range', { key: Buffer.from('raw') }));
    assert.ok(received > 50_000 && received < 51_000, String(received));
    await assert.rejects(client.call(prepare('Put', { key: Buffer.alloc(0) })), (error) => {
      return error instanceof GrpcError && error.code === 3;
    });
  } finally {
    client.close();
  }
});
