import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { addMember, initialCluster, join, removeIfListed } from '../faults/lifecycle/membership.js';
import { supervise } from '../faults/lifecycle/supervise.js';
import { type Cluster, type Member, startCluster } from './cluster.js';

const LIMIT = { timeout: 120_000 };

let cluster: Cluster;
let dispose = async (): Promise<void> => undefined;

before(async () => {
  cluster = await startCluster({ size: 1, spares: 1, tls: 'mtls', flags: ['--heartbeat-interval=100'] });
  dispose = cluster.dispose;
}, LIMIT);

after(() => dispose());

const spare = (): Member => {
  const [first] = cluster.spares;
  assert.ok(first !== undefined);
  return first;
};

/** End of validity of what a member shows to a client that connects now. */
const shownUntil = (member: Member): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname: host, port } = new URL(member.clientUrl);
    const options = { host, port: Number(port), ...cluster.tls?.credentials, rejectUnauthorized: false };
    const socket = connect(options, () => {
      resolve(Date.parse(socket.getPeerCertificate().valid_to));
      socket.destroy();
    });
    socket.on('error', reject);
  });

test('a spare is neither started nor listed, and has an index of its own', LIMIT, async () => {
  assert.equal(cluster.members.length, 1);
  assert.equal(spare().running, false);
  assert.equal(spare().id, '');
  assert.equal(cluster.member(1), spare());
  assert.ok(!(await cluster.etcdctl(['member', 'list'])).stdout.includes(spare().peerUrl));
});

test('a spare that is added joins as a learner, and can be removed', LIMIT, async () => {
  await join(cluster, spare(), { learner: true });
  assert.match(spare().id, /^[0-9a-f]{16}$/);
  const client = await spare().client();
  const status = await client.call('Status', {});
  client.close();
  assert.equal(status.isLearner, true);
  await removeIfListed(cluster, spare());
  await spare().stop('SIGKILL');
  assert.ok(!(await cluster.etcdctl(['member', 'list'])).stdout.includes(spare().peerUrl));
});

test('a flag takes the place of the standard one and of that of all members', LIMIT, async () => {
  const { args, flags } = cluster.member(0);
  assert.deepEqual(flags, ['--heartbeat-interval=100']);
  await cluster.member(0).stop('SIGTERM');
  await cluster.member(0).start({ flags: [...flags, '--log-level=warn', '--heartbeat-interval=120'] });
  await cluster.waitHealthy();
  const now = readFileSync(`/proc/${cluster.member(0).pid}/cmdline`, 'utf8')
    .split('\0')
    .filter(Boolean);
  assert.equal(now.length, args.length);
  assert.ok(now.includes('--log-level=warn') && now.includes('--heartbeat-interval=120'));
  await cluster.member(0).stop('SIGTERM');
  await cluster.member(0).start({ flags });
  await cluster.waitHealthy();
});

test('a replaced certificate is what the next handshake shows, and can be put back', LIMIT, async () => {
  const member = cluster.member(0);
  const before = await shownUntil(member);
  const putBack = await cluster.tls?.replace(0, 'server', { expired: true });
  assert.ok((await shownUntil(member)) < Date.now());
  putBack?.();
  assert.equal(await shownUntil(member), before);
});

test('a supervised member that ends is started again, until told otherwise and not after the lab', LIMIT, async () => {
  await addMember(cluster, spare());
  // It ends at once: its own name is missing in the list it is given.
  await spare().start({ flags: [initialCluster([cluster.member(0)])] });
  const pids = new Set<number>([spare().pid]);
  const end = supervise(cluster, spare(), 0.2);
  const deadline = Date.now() + 20_000;
  while (pids.size < 3 && Date.now() < deadline) {
    pids.add(spare().pid);
    await sleep(20);
  }
  assert.ok(pids.size >= 3, `${pids.size} starts`);
  await end();
  await sleep(1_000);
  const last = spare().pid;
  await sleep(1_000);
  assert.equal(spare().pid, last);
  supervise(cluster, spare(), 0.1);
  await cluster.dispose();
  assert.equal(cluster.lab.ended, true);
  const atTheEnd = spare().pid;
  await sleep(1_000);
  assert.equal(spare().pid, atTheEnd);
  await assert.rejects(spare().start(), /the lab has ended/);
});
