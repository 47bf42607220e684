import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, startCluster } from './cluster.js';
import { diverge, partition } from '../faults/index.js';

const LIMIT = { timeout: 120_000 };

let cluster: Cluster;
let dispose = async (): Promise<void> => undefined;

before(async () => {
  cluster = await startCluster({ tls: 'mtls', peerProxy: true });
  dispose = cluster.dispose;
}, LIMIT);

after(() => dispose());

test('stdout and stderr of a member are its log file, and ids are those etcdctl shows', LIMIT, async () => {
  const listed = (await cluster.etcdctl(['member', 'list'])).stdout;
  for (const member of cluster.members) {
    assert.equal(readlinkSync(`/proc/${member.pid}/fd/2`), member.logFile);
    assert.equal(readlinkSync(`/proc/${member.pid}/fd/1`), member.logFile);
    assert.match(member.id, /^[0-9a-f]{16}$/);
    assert.ok(listed.includes(BigInt(`0x${member.id}`).toString(16)), listed);
  }
});

test('a killed leader is replaced and comes back on its own data', LIMIT, async () => {
  await cluster.etcdctl(['put', 'kept', 'yes']);
  const old = await cluster.leader();
  await old.stop('SIGKILL');
  assert.equal(old.running, false);
  const next = await cluster.leader(20_000);
  assert.notEqual(next.name, old.name);
  await old.start();
  await cluster.waitHealthy();
  const client = await old.client();
  const reply = await client.call('Range', { key: Buffer.from('kept'), serializable: true });
  client.close();
  assert.equal(reply.count, '1');
});

test('a leader cut off loses its lead, and the cut can be undone', LIMIT, async () => {
  const old = await cluster.leader();
  const cut = await partition(cluster, old.index);
  const deadline = Date.now() + 30_000;
  let views: (string | undefined)[] = [];
  while (Date.now() < deadline) {
    views = await Promise.all(cluster.members.map(async (member) => viewOf(cluster, member.index)));
    if (views[old.index] === '0' && views.every((view, at) => at === old.index || (view !== '0' && view !== old.id)))
      break;
    await sleep(200);
  }
  assert.equal(views[old.index], '0', `the cut member sees ${views.join(', ')}`);
  await cut.undo();
  await cluster.waitHealthy(60_000);
});

test('a diverged member answers another hash at the same revision', LIMIT, async () => {
  await diverge(cluster, 1);
  const hashes: unknown[] = [];
  for (const member of cluster.members) {
    const client = await member.client();
    const reply = await client.call('HashKV', {});
    hashes.push(reply.hash);
    client.close();
  }
  assert.equal(hashes[0], hashes[2]);
  assert.notEqual(hashes[0], hashes[1]);
});

test('nothing outlives a process that is killed outright', LIMIT, async (t) => {
  const script = `
    const { startCluster } = await import(${JSON.stringify(new URL('./cluster.js', import.meta.url).href)});
    const cluster = await startCluster({ size: 1 });
    console.log(JSON.stringify({ pid: cluster.member(0).pid, dir: cluster.lab.dir }));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise<string>((resolve) => lines.once('line', resolve));
  const { pid, dir } = JSON.parse(line) as { pid: number; dir: string };
  assert.ok(readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dir));
  child.kill('SIGKILL');
  const deadline = Date.now() + 20_000;
  while ((existsSync(dir) || runs(pid, dir)) && Date.now() < deadline) await sleep(100);
  assert.equal(runs(pid, dir), false, 'etcd still runs');
  assert.equal(existsSync(dir), false, 'the directory is still there');
});

function runs(pid: number, dir: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dir);
  } catch {
    return false;
  }
}

async function viewOf(from: Cluster, index: number): Promise<string | undefined> {
  const client = await from.member(index).client();
  try {
    const { leader } = await client.call('Status', {}, 2_000);
    return leader === '0' ? '0' : BigInt(String(leader)).toString(16).padStart(16, '0');
  } catch {
    return undefined;
  } finally {
    client.close();
  }
}
