import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, startCluster } from '../cluster/cluster.js';
import type { Member } from '../cluster/cluster-types.js';
import { type FaultDefinition, type Params, valuesOf } from '../fault.js';
import quotaFragmentation from './quota/quota-fragmentation.js';
import cpuQuota from './resources/cpu-quota.js';
import fdLimit from './resources/fd-limit.js';
import pauseFlapping from './resources/pause-flapping.js';
import { FaultUnsupported, type Fault } from './types.js';

const LIMIT = { timeout: 120_000 };

let cluster: Cluster;
let dispose = async (): Promise<void> => undefined;

before(async () => {
  cluster = await startCluster({ ...quotaFragmentation.cluster });
  dispose = cluster.dispose;
}, LIMIT);

after(() => dispose());

/** Apply a fault with its defaults, or with `params` over them; skips where the machine cannot have it. */
const apply = async (
  t: TestContext,
  definition: unknown,
  members: readonly Member[],
  params: Params = {},
): Promise<Fault | undefined> => {
  const { name, params: known, apply: make } = definition as FaultDefinition;
  try {
    return await make(cluster, members, valuesOf(name, known, params) as never);
  } catch (error) {
    if (!(error instanceof FaultUnsupported)) throw error;
    t.skip(error.message);
    return undefined;
  }
};

const follower = async (): Promise<Member> => {
  const leader = await cluster.leader();
  const other = cluster.members.find((member) => member !== leader);
  if (other === undefined) throw new Error('no follower');
  return other;
};

const stateOf = (pid: number): string | undefined =>
  /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
const cgroupsOf = (pid: number): string => readFileSync(`/proc/${pid}/cgroup`, 'utf8');
const softFiles = (pid: number): string | undefined =>
  /^Max open files\s+(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];

test('pause-flapping: the process stands and runs in turn, and runs in the end', LIMIT, async (t) => {
  const member = await follower();
  const fault = await apply(t, pauseFlapping, [member], { stopMs: 300, runMs: 300 });
  if (fault === undefined) return;
  const states = new Set<boolean>();
  for (let look = 0; look < 30; look += 1) {
    states.add(stateOf(member.pid) === 'T');
    await sleep(50);
  }
  assert.deepEqual([...states].sort(), [false, true]);
  await fault.undo();
  await sleep(700);
  assert.notEqual(stateOf(member.pid), 'T');
  await cluster.waitHealthy();
});

test('cpu-quota: the kernel throttles the member; the cgroup is gone afterwards', LIMIT, async (t) => {
  const member = await follower();
  const home = cgroupsOf(member.pid);
  const fault = await apply(t, cpuQuota, [member], { pct: 2 });
  if (fault === undefined) return;
  const name = /etcd-lab-\S+-cpu$/m.exec(cgroupsOf(member.pid))?.[0] ?? 'not found';
  const dir = ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup'].map((tree) => join(tree, name)).find((path) => existsSync(path));
  assert.ok(dir !== undefined, `${name} is nowhere`);
  const throttled = (): number =>
    Number(/^nr_throttled (\d+)$/m.exec(readFileSync(join(dir, 'cpu.stat'), 'utf8'))?.[1] ?? 0);
  const deadline = Date.now() + 10_000;
  while (throttled() === 0 && Date.now() < deadline) await sleep(100);
  assert.ok(throttled() > 0, 'nothing was throttled in 10 s');
  await fault.undo();
  assert.equal(cgroupsOf(member.pid), home);
  assert.equal(existsSync(dir), false);
});

test(
  'fd-limit: hardly a descriptor is left; undo closes the connections and gives the limit back',
  LIMIT,
  async (t) => {
    const member = await follower();
    const before = softFiles(member.pid);
    const open = readdirSync(`/proc/${member.pid}/fd`).length;
    const fault = await apply(t, fdLimit, [member]);
    if (fault === undefined) return;
    assert.equal(softFiles(member.pid), '300');
    const used = readdirSync(`/proc/${member.pid}/fd`).length;
    assert.ok(used >= 260 && used <= 290, `${used} descriptors in use`);
    await fault.undo();
    assert.equal(softFiles(member.pid), before);
    await sleep(500);
    assert.ok(readdirSync(`/proc/${member.pid}/fd`).length <= open + 10, 'connections were left open');
    await cluster.waitHealthy();
  },
);

test(
  'quota-fragmentation: the alarm is raised over a file that is mostly free; undo lets writes in again',
  LIMIT,
  async (t) => {
    const fault = await apply(t, quotaFragmentation, cluster.members);
    if (fault === undefined) return;
    // In use is told as of the last commit, and nothing commits while writes are refused.
    const client = await cluster.member(0).client();
    try {
      await sleep(1_000);
      const { dbSize } = await client.call('Status', {});
      assert.ok(Number(dbSize) > 30 * 1024 * 1024, `the file has ${String(dbSize)} bytes`);
      await assert.rejects(client.call('Put', { key: Buffer.from('k'), value: Buffer.from('v') }), /space exceeded/);
      await fault.undo();
      await client.call('Put', { key: Buffer.from('k'), value: Buffer.from('v') });
      const after = await client.call('Status', {});
      assert.ok(Number(after.dbSize) < 2 * 1024 * 1024, `the file still has ${String(after.dbSize)} bytes`);
    } finally {
      client.close();
    }
  },
);
