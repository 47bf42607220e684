import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createEtcdPort } from '../../collector/ports/etcd.js';
import { createHttpPort } from '../../collector/ports/http.js';
import { createNetPort } from '../../collector/ports/net.js';
import type { MemberTarget, Probe, ProbeContext, ProbeResult } from '../../collector/probe.js';
import { ProbeError } from '../../collector/probe.js';
import { remoteProbes } from '../../collector/probes/remote.js';
import { type Discovery, discoverTargets } from '../../collector/targets.js';
import { type ArtifactKind, catalog, type SchemaName, validate } from '../../schemas/index.js';
import { type Cluster, type ClusterOptions, startCluster } from '../lab/cluster/cluster.js';
import { createAuthority } from '../support/pki.js';

const ITEM_MS = 4_000;
const AUTH = { user: 'root', password: 'correct horse' };

type Options = Parameters<typeof discoverTargets>[0] & { auth?: { user: string; password: string } };
type Ports = ReturnType<typeof openPorts>;
type Outcome = ProbeResult<ArtifactKind> | ProbeError;

const optionsOf = (cluster: Cluster, more: Partial<Options> = {}): Options => ({
  endpoints: cluster.endpoints().slice(0, 1),
  cluster: true,
  tls: {
    insecureSkipTlsVerify: false,
    ...(cluster.tls === undefined
      ? {}
      : { cacert: cluster.tls.ca.cert, cert: cluster.tls.client.cert, key: cluster.tls.client.key }),
  },
  metricsEndpoints: [],
  itemTimeoutMs: ITEM_MS,
  ...(cluster.auth === undefined ? {} : { auth: cluster.auth }),
  ...more,
});

const openPorts = (options: Options) => {
  const ports = { etcd: createEtcdPort(options), http: createHttpPort(options), net: createNetPort(options) };
  const close = () => {
    ports.etcd.close();
    ports.http.close();
  };
  return { ...ports, close };
};

const discover = (options: Options, ports: Ports) => discoverTargets(options, ports, new AbortController().signal);

/** Runs one probe as the collector would, without its catch-all: errors of a wrong kind fail the test. */
const run = async (
  kind: ArtifactKind,
  target: unknown,
  ports: Ports,
  members: readonly MemberTarget[],
): Promise<Outcome> => {
  // The list is heterogeneous on purpose; the target fits the kind by the caller's choice.
  const probe = remoteProbes.find((candidate) => candidate.kind === kind) as unknown as Probe;
  const context = {
    target,
    signal: AbortSignal.timeout(ITEM_MS),
    timeoutMs: ITEM_MS,
    ...(probe.phase === 'round' ? { round: 0 } : {}),
    ...ports,
    now: Date.now,
    monotonic: () => performance.now(),
    shared: { members },
  };
  try {
    return await probe.run(context as unknown as ProbeContext<never>);
  } catch (error) {
    if (error instanceof ProbeError) return error;
    throw error;
  }
};

const assertOk = (kind: ArtifactKind, outcome: Outcome): ProbeResult<ArtifactKind> => {
  assert.ok(!(outcome instanceof ProbeError), `${kind}: ${outcome instanceof ProbeError ? outcome.message : ''}`);
  assert.equal(outcome.state, 'ok', `${kind}: ${outcome.message}`);
  for (const { content } of outcome.parts) {
    if (catalog[kind].mediaType !== 'application/json') continue;
    assert.deepEqual(validate(kind as SchemaName, content), { ok: true, value: content }, kind);
  }
  return outcome;
};

/** SIGSTOP, and wait until every thread has taken it: a running one could still answer. */
const freeze = async (cluster: Cluster, index: number): Promise<void> => {
  const member = cluster.member(index);
  await member.stop('SIGSTOP');
  const tasks = `/proc/${member.pid}/task`;
  const isStopped = (tid: string): boolean => /^State:\s+T/m.test(readFileSync(`${tasks}/${tid}/status`, 'utf8'));
  for (let tries = 0; !readdirSync(tasks).every(isStopped); tries += 1) {
    assert.ok(tries < 500, 'the member does not stop');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

const memberKinds = remoteProbes.filter(({ scope }) => scope === 'member').map(({ kind }) => kind);
const endpointKinds = remoteProbes.filter(({ scope }) => scope === 'endpoint').map(({ kind }) => kind);
/** Releases before 3.4.29 and 3.5.11 do not have these. */
const optional: readonly ArtifactKind[] = ['livez', 'readyz'];

const variants: readonly ClusterOptions[] = [
  { version: '3.4' },
  { version: '3.5', tls: 'mtls', auth: AUTH },
  { version: '3.6', auth: AUTH },
  { version: '3.7', tls: 'mtls' },
];

for (const variant of variants) {
  const name = `etcd ${variant.version}${variant.tls === 'mtls' ? ', mTLS' : ''}${variant.auth === undefined ? '' : ', password'}`;
  test(`${name}: every probe answers, read-only and within the request budget`, async () => {
    const cluster = await startCluster({ ...variant, size: 3 });
    const options = optionsOf(cluster);
    const ports = openPorts(options);
    try {
      const { members, endpoints } = await discover(options, ports);
      assert.deepEqual(
        members.map(({ id }) => id),
        cluster.members.map(({ id }) => id).sort(),
      );
      const revision = (
        await ports.etcd.status(members[0] as MemberTarget, {
          signal: AbortSignal.timeout(ITEM_MS),
          timeoutMs: ITEM_MS,
        })
      ).revision;
      for (const member of members) {
        for (const kind of memberKinds) {
          const outcome = await run(kind, member, ports, members);
          if (optional.includes(kind) && outcome instanceof ProbeError && variant.version === '3.4') {
            assert.equal(outcome.state, 'unsupported');
          } else assertOk(kind, outcome);
        }
        const status = (await run('endpoint-status', member, ports, members)) as ProbeResult<'endpoint-status'>;
        const content = status.parts[0]?.content;
        assert.equal(content?.memberId, member.id);
        const is36 = variant.version === '3.6' || variant.version === '3.7';
        assert.equal(content?.dbSizeQuota !== undefined, is36, 'dbSizeQuota is there from 3.6 on');
        assert.equal(content?.downgradeInfo !== undefined, is36, 'downgradeInfo is there from 3.6 on');
        assert.equal(content?.revision, revision, 'nothing was written');
        const auth = (await run('auth-state', member, ports, members)) as ProbeResult<'auth-state'>;
        assert.equal(auth.parts[0]?.content.enabled, variant.auth !== undefined);
      }
      for (const endpoint of endpoints) {
        for (const kind of endpointKinds) {
          if (kind === 'tls-handshake' && !endpoint.tls) continue;
          if (kind === 'clock-offset' && endpoint.role !== 'client') continue;
          assertOk(kind, await run(kind, endpoint, ports, members));
        }
      }
      assertOk('alarm-list', await run('alarm-list', { kind: 'cluster', id: 'cluster', members }, ports, members));
      for (const { id } of members) {
        // Two probes ran twice above, and the first status is this test's own.
        const extra = 3;
        const once = (ports.etcd.requests()[id]?.['once'] ?? 0) + (ports.http.requests()[id]?.['once'] ?? 0);
        assert.ok(once > 0 && once - extra < 25, `${once} requests at ${id}`);
      }
    } finally {
      ports.close();
      await cluster.dispose();
    }
  });
}

test('faults of a plain cluster', async (t) => {
  const cluster = await startCluster({ version: '3.5', size: 3, auth: AUTH });
  t.after(() => cluster.dispose());
  let found: Discovery;
  const options = optionsOf(cluster);
  const ports = openPorts(options);
  t.after(() => ports.close());
  found = await discover(options, ports);
  const target = (index: number): MemberTarget => {
    const member = found.members.find(({ id }) => id === cluster.member(index).id);
    assert.ok(member);
    return member;
  };

  await t.test('wrong password: what needs no login still comes, the rest is denied once', async () => {
    const wrong = { ...options, auth: { user: 'root', password: 'wrong' } };
    const own = openPorts(wrong);
    const { members } = await discover(wrong, own);
    assert.equal(members.length, 3);
    assertOk('endpoint-status', await run('endpoint-status', target(0), own, members));
    for (const kind of ['read-latency', 'hashkv'] as const) {
      const outcome = await run(kind, target(0), own, members);
      assert.ok(outcome instanceof ProbeError);
      assert.equal(`${outcome.state} ${outcome.reason}`, 'denied auth-failed');
      assert.ok(!outcome.message.includes('wrong'), 'no password in messages');
    }
    own.close();
  });

  await t.test('a member stopped after it had answered, and one stopped before', async () => {
    await freeze(cluster, 1);
    const later = openPorts(options);
    const known = await run('endpoint-status', target(1), ports, found.members);
    assertOk('endpoint-status', await run('endpoint-status', target(0), ports, found.members));
    const fresh = await run('endpoint-status', target(1), later, found.members);
    const page = await run('metrics', target(1), later, found.members);
    await cluster.member(1).stop('SIGCONT');
    later.close();
    // The first ports never asked member 1 before, so both meet a silent port.
    for (const outcome of [known, fresh, page]) {
      assert.ok(outcome instanceof ProbeError);
      assert.equal(`${outcome.state} ${outcome.reason}`, 'timeout not-answering');
    }
    await cluster.waitHealthy();
    assertOk('endpoint-status', await run('endpoint-status', target(1), ports, found.members));
    await freeze(cluster, 1);
    const stopped = await run('endpoint-status', target(1), ports, found.members);
    await cluster.member(1).stop('SIGCONT');
    assert.ok(stopped instanceof ProbeError);
    assert.equal(`${stopped.state} ${stopped.reason}`, 'timeout stopped-answering');
    await cluster.waitHealthy();
  });

  await t.test('quorum lost: the survivor is read in full, alarms and linearizable reads say why not', async () => {
    for (const kind of ['read-latency', 'endpoint-status'] as const)
      assertOk(kind, await run(kind, target(0), ports, found.members));
    await Promise.all([cluster.member(1).stop('SIGKILL'), cluster.member(2).stop('SIGKILL')]);
    const deadline = Date.now() + 15_000;
    const leader = async () => {
      const { leader: id } = await ports.etcd.status(target(0), {
        signal: AbortSignal.timeout(ITEM_MS),
        timeoutMs: ITEM_MS,
      });
      return id;
    };
    while ((await leader()) !== '0000000000000000' && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 100));
    assertOk('metrics', await run('metrics', target(0), ports, found.members));
    assertOk('member-list', await run('member-list', target(0), ports, found.members));
    const reads = (await run('read-latency', target(0), ports, found.members)) as ProbeResult<'read-latency'>;
    assert.equal(`${reads.state} ${reads.reason}`, 'partial no-quorum');
    assert.ok(reads.parts[0]?.content.serializable.every(({ ok }) => ok));
    assert.equal(reads.parts[0]?.content.linearizable.length, 1, 'stops at the first');
    const alarms = await run(
      'alarm-list',
      { kind: 'cluster', id: 'cluster', members: found.members },
      ports,
      found.members,
    );
    assert.ok(alarms instanceof ProbeError);
    assert.equal(`${alarms.state} ${alarms.reason}`, 'timeout no-quorum');
    const dead = await run('endpoint-status', target(1), ports, found.members);
    assert.ok(dead instanceof ProbeError);
    assert.equal(`${dead.state} ${dead.reason}`, 'unreachable connection-refused');
  });
});

test('faults of TLS', async (t) => {
  const cluster = await startCluster({ version: '3.5', size: 1, tls: 'mtls' });
  t.after(() => cluster.dispose());
  const good = optionsOf(cluster);
  const other = await createAuthority(`${cluster.lab.dir}/other`, 'other');
  const { cacert, cert, key, insecureSkipTlsVerify } = { cacert: '', cert: '', key: '', ...good.tls };

  const cases: readonly (readonly [string, Partial<Options>, string])[] = [
    ['wrong CA', { tls: { cacert: other.cert, cert, key, insecureSkipTlsVerify } }, 'unreachable tls-untrusted'],
    ['no client certificate', { tls: { cacert, insecureSkipTlsVerify } }, 'denied tls-client-certificate'],
    ['wrong name', { tls: { ...good.tls, serverName: 'elsewhere.example' } }, 'unreachable tls-name-mismatch'],
    [
      'plain text',
      { endpoints: good.endpoints.map((url) => url.replace('https', 'http')) },
      'unreachable tls-protocol',
    ],
  ];
  for (const [name, more, expected] of cases) {
    await t.test(name, async () => {
      const options = { ...good, ...more };
      const ports = openPorts(options);
      const { members } = await discover(options, ports);
      const [member] = members;
      assert.ok(member);
      assert.match(member.id, /^endpoint-/, 'the seed stays listed');
      for (const kind of ['endpoint-status', 'read-latency'] as const) {
        const outcome = await run(kind, member, ports, members);
        assert.ok(outcome instanceof ProbeError);
        assert.equal(`${outcome.state} ${outcome.reason}`, expected, kind);
      }
      ports.close();
    });
  }

  await t.test('verification off', async () => {
    const options = { ...good, tls: { cert, key, insecureSkipTlsVerify: true } };
    const ports = openPorts(options);
    const { members, endpoints } = await discover(options, ports);
    assertOk('endpoint-status', await run('endpoint-status', members[0], ports, members));
    assertOk('metrics', await run('metrics', members[0], ports, members));
    const shake = assertOk(
      'tls-handshake',
      await run('tls-handshake', endpoints[0], ports, members),
    ) as ProbeResult<'tls-handshake'>;
    assert.equal(shake.parts[0]?.content.authorized, false, 'the evidence still says that it does not verify');
    assert.equal(shake.parts[0]?.content.chain[0]?.subject, 'CN=server-m1');
    ports.close();
  });
});
