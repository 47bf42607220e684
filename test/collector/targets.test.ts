import assert from 'node:assert/strict';
import { hostname, networkInterfaces } from 'node:os';
import { test } from 'node:test';
import type { EtcdPort } from '../../collector/ports/etcd.js';
import type { NetPort } from '../../collector/ports/net.js';
import { type LocalMember, type MemberTarget, ProbeError } from '../../collector/probe.js';
import { discoverTargets } from '../../collector/targets.js';
import type { MemberListArtifact } from '../../schemas/index.js';

type Listed = MemberListArtifact['members'][number];

const member = (id: string, name: string, client: readonly string[], peer = `http://${name}.peer:2380`): Listed => ({
  id,
  name,
  peerURLs: [peer],
  clientURLs: [...client],
  isLearner: false,
});

const A = member('8000000000000001', 'a', ['http://10.0.0.1:2379'], 'http://10.0.0.1:2380');
const B = member('8000000000000002', 'b', ['http://10.0.0.2:2379'], 'http://10.0.0.2:2380');
const C = member('8000000000000003', 'c', ['http://10.0.0.3:2379'], 'http://10.0.0.3:2380');

/** `answers`: `host:port` -> answering member and its list; anything else refuses. */
const fakePorts = (answers: Record<string, { id: string; members: readonly Listed[]; clusterId?: string }>) => {
  const memberList = (target: MemberTarget): Promise<MemberListArtifact> => {
    const answer = answers[target.endpoint];
    if (answer === undefined) return Promise.reject(new ProbeError('unreachable', 'connection-refused', 'refused'));
    const { id: memberId, members, clusterId = 'c000000000000000' } = answer;
    return Promise.resolve({
      memberId,
      clusterId,
      raftTerm: '2',
      linearizable: false,
      members: [...members],
      elapsedMs: 1,
    });
  };
  const resolve: NetPort['resolve'] = (host) =>
    Promise.resolve({
      host,
      literal: host !== 'node-b',
      addresses: host === 'node-b' ? [{ address: '10.0.0.2', family: 4 }] : [],
      elapsedMs: 0,
    });
  return { etcd: { memberList, leave: () => undefined } as unknown as EtcdPort, net: { resolve } as NetPort };
};

const discover = (
  endpoints: readonly string[],
  answers: Parameters<typeof fakePorts>[0],
  more: { cluster?: boolean; locals?: readonly LocalMember[]; metricsEndpoints?: readonly string[] } = {},
) =>
  discoverTargets(
    {
      endpoints,
      cluster: more.cluster ?? true,
      tls: { insecureSkipTlsVerify: false },
      metricsEndpoints: more.metricsEndpoints ?? [],
      itemTimeoutMs: 500,
    },
    fakePorts(answers),
    new AbortController().signal,
    more.locals ?? [],
  );

const brief = (members: readonly MemberTarget[]) =>
  members.map(({ id, endpoint, discoveredBy }) => `${id} ${endpoint} ${discoveredBy}`);

test('one seed finds all members, and several seeds of one member collapse', async () => {
  const list = { id: A.id, members: [A, B, C] };
  const { members, endpoints } = await discover(['10.0.0.1:2379', 'http://10.0.0.1:2379', 'alias:2379'], {
    '10.0.0.1:2379': list,
    'alias:2379': list,
  });
  assert.deepEqual(brief(members), [
    `${A.id} 10.0.0.1:2379 seed`,
    `${B.id} 10.0.0.2:2379 member-list`,
    `${C.id} 10.0.0.3:2379 member-list`,
  ]);
  assert.equal(endpoints.filter(({ role }) => role === 'client').length, 3);
  assert.equal(endpoints.filter(({ role }) => role === 'peer').length, 3);
});

test('a silent seed that is a client URL of a known member, by address or by name, adds nothing', async () => {
  const { members } = await discover(['10.0.0.1:2379', 'node-b:2379', '10.0.0.3:2379'], {
    '10.0.0.1:2379': { id: A.id, members: [A, B, C] },
  });
  assert.deepEqual(
    members.map(({ id }) => id),
    [A.id, B.id, C.id],
  );
});

test('other silent seeds stay listed', async () => {
  const { members } = await discover(['10.0.0.1:2379', '10.9.9.9:2379'], {
    '10.0.0.1:2379': { id: A.id, members: [A] },
  });
  assert.deepEqual(
    members.map(({ id }) => id),
    [A.id, 'endpoint-10.9.9.9_2379'],
  );
});

test('without --cluster only the seeds are members', async () => {
  const { members } = await discover(
    ['10.0.0.2:2379'],
    { '10.0.0.2:2379': { id: B.id, members: [A, B, C] } },
    { cluster: false },
  );
  assert.deepEqual(brief(members), [`${B.id} 10.0.0.2:2379 seed`]);
});

test('an unstarted member stays listed without an endpoint', async () => {
  const unstarted = member('8000000000000009', '', [], 'http://10.0.0.9:2380');
  const { members, endpoints } = await discover(['10.0.0.1:2379'], {
    '10.0.0.1:2379': { id: A.id, members: [A, unstarted] },
  });
  assert.deepEqual(brief(members)[1], '8000000000000009  member-list');
  assert.deepEqual(members[1]?.httpUrls, []);
  assert.ok(endpoints.some(({ id }) => id === '10.0.0.9_2380'));
});

test('an advertised client URL at which the member is not read is dialled too; loopback and wildcards are not', async () => {
  const moved = member(
    A.id,
    'a',
    ['http://10.0.0.99:2379', 'http://localhost:2379', 'http://0.0.0.0:2379'],
    A.peerURLs[0],
  );
  const { endpoints } = await discover(['10.0.0.1:2379'], { '10.0.0.1:2379': { id: A.id, members: [moved, B] } });
  assert.deepEqual(
    endpoints.filter(({ role }) => role === 'advertised').map(({ id, memberId }) => [id, memberId]),
    [['10.0.0.99_2379', A.id]],
  );
});

test('a wildcard client URL is dialled at the seed, or at the host of the peer URL', async () => {
  const wild = (id: string, host: string) => member(id, host, ['http://0.0.0.0:2379'], `http://${host}:2380`);
  const list = [wild(A.id, '10.0.0.1'), wild(B.id, '10.0.0.2')];
  const { members } = await discover(['10.0.0.1:2379'], { '10.0.0.1:2379': { id: A.id, members: list } });
  assert.deepEqual(brief(members), [`${A.id} 10.0.0.1:2379 seed`, `${B.id} 10.0.0.2:2379 member-list`]);
});

test('behind a load balancer the advertised URL wins when it leads to the member, else the seed', async () => {
  const list = { id: A.id, members: [A] };
  const reachable = await discover(['lb:2379'], { 'lb:2379': list, '10.0.0.1:2379': list });
  assert.equal(reachable.members[0]?.endpoint, '10.0.0.1:2379');
  const not = await discover(['lb:2379'], { 'lb:2379': list });
  assert.equal(not.members[0]?.endpoint, 'lb:2379');
  assert.equal(not.notes.length, 1);
});

test('members of two clusters are kept, and noted', async () => {
  const { members, clusterIds, notes } = await discover(['10.0.0.1:2379', '10.0.0.2:2379'], {
    '10.0.0.1:2379': { id: A.id, members: [A], clusterId: 'c000000000000001' },
    '10.0.0.2:2379': { id: B.id, members: [B], clusterId: 'c000000000000002' },
  });
  assert.deepEqual(
    members.map(({ id }) => id),
    [A.id, B.id],
  );
  assert.deepEqual(clusterIds, ['c000000000000001', 'c000000000000002']);
  assert.match(notes.join(), /2 clusters/);
});

const local = (pid: number, settings: Record<string, string>): LocalMember => ({
  pid,
  startTicks: '1',
  executable: 'etcd',
  settings,
  matchedBy: '',
});

test('several local processes are matched to their members, a foreign one to none', async () => {
  const locals = [
    local(11, {
      name: 'b',
      'initial-advertise-peer-urls': 'http://10.0.0.2:2380',
      'listen-metrics-urls': 'http://0.0.0.0:2382',
    }),
    local(12, { name: 'a', 'listen-client-urls': 'http://0.0.0.0:2379' }),
    local(13, {
      name: 'other',
      'listen-client-urls': 'http://0.0.0.0:2379',
      'advertise-client-urls': 'http://10.0.0.3:2379',
    }),
  ];
  const { members, notes, asides } = await discover(
    ['10.0.0.1:2379'],
    { '10.0.0.1:2379': { id: A.id, members: [A, B, C] } },
    { locals },
  );
  assert.deepEqual(
    members.map((found) => found.local?.pid),
    [12, 11, undefined],
  );
  assert.ok(members[1]?.httpUrls.includes('http://127.0.0.1:2382'));
  assert.deepEqual(notes, [], 'a foreign process is no news for the user');
  assert.match(asides.join(), /pid 13/);
});

test('with no endpoint given the local processes are the seeds, and stay members when dead', async () => {
  const locals = [
    local(11, { name: 'a', 'listen-client-urls': 'http://0.0.0.0:12379' }),
    local(12, { name: 'b', 'listen-client-urls': 'http://127.0.0.1:22379' }),
  ];
  const { members } = await discover([], {}, { locals });
  assert.deepEqual(
    members.map((found) => `${found.endpoint} ${found.local?.pid}`),
    ['127.0.0.1:12379 11', '127.0.0.1:22379 12'],
  );
});

test('with named endpoints, local processes of other clusters never become members, also when nothing answers', async () => {
  const locals = [
    local(11, { name: 'a', 'listen-client-urls': 'http://127.0.0.1:12379' }),
    local(12, { name: 'b', 'listen-client-urls': 'http://0.0.0.0:22379' }),
  ];
  const { members, notes, asides } = await discover(['127.0.0.1:32379'], {}, { locals });
  assert.deepEqual(brief(members), ['endpoint-127.0.0.1_32379 127.0.0.1:32379 seed']);
  assert.equal(members[0]?.local, undefined);
  assert.deepEqual(notes, []);
  assert.match(asides.join(), /pid 11, 12/);
});

test('a silent seed is matched to its local process by every spelling of this host', async () => {
  const [own = '127.0.0.1'] = Object.values(networkInterfaces()).flatMap((entries) =>
    (entries ?? []).flatMap(({ address, family }) => (family === 'IPv4' ? [address] : [])),
  );
  const wildcard = local(11, { name: 'a', 'listen-client-urls': 'https://0.0.0.0:2379' });
  for (const seed of [`${own}:2379`, 'localhost:2379', '127.0.0.1:2379', `${hostname()}:2379`]) {
    const { members } = await discover([seed], {}, { locals: [wildcard] });
    assert.deepEqual(
      members.map((found) => [found.name, found.local?.pid]),
      [['a', 11]],
      seed,
    );
  }
  const named = local(12, { name: 'b', 'listen-client-urls': 'http://10.0.0.2:2379' });
  const { members } = await discover(['node-b:2379'], {}, { locals: [named] });
  assert.equal(members[0]?.local?.pid, 12, 'by the address behind the name');
});

test('of two processes that fit a seed alike none is taken', async () => {
  const twin = (pid: number) => local(pid, { name: `t${pid}`, 'listen-client-urls': 'http://0.0.0.0:2379' });
  const { members } = await discover(['127.0.0.1:2379'], {}, { locals: [twin(11), twin(12)] });
  assert.equal(members[0]?.local, undefined);
});

test('a learner as seed refuses the list and is known by its status, with its listed name when others answer', async () => {
  const ports = fakePorts({ '10.0.0.1:2379': { id: A.id, members: [A, C] } });
  const refusal = new ProbeError('unsupported', 'not-for-learner', 'refused');
  const etcd = {
    memberList: (target: MemberTarget) =>
      target.endpoint === '10.0.0.3:2379' ? Promise.reject(refusal) : ports.etcd.memberList(target, call),
    status: () => Promise.resolve({ memberId: C.id, clusterId: 'c000000000000000', raftTerm: '2', elapsedMs: 1 }),
  } as unknown as EtcdPort;
  const call = { signal: new AbortController().signal, timeoutMs: 500 };
  const of = (endpoints: readonly string[]) =>
    discoverTargets(
      { endpoints, cluster: true, tls: { insecureSkipTlsVerify: false }, metricsEndpoints: [], itemTimeoutMs: 500 },
      { ...ports, etcd },
      call.signal,
    );
  const alone = await of(['10.0.0.3:2379']);
  assert.deepEqual(
    alone.members.map(({ id, isLearner }) => [id, isLearner]),
    [[C.id, true]],
  );
  const both = await of(['10.0.0.3:2379', '10.0.0.1:2379']);
  assert.deepEqual(
    both.members.map(({ id, name }) => [id, name]),
    [
      [A.id, 'a'],
      [C.id, 'c'],
    ],
  );
});

const UNSTARTED = member('8000000000000009', 'n', [], 'https://10.0.0.9:2380');
const from = (members: readonly Listed[]) => ({ '10.0.0.1:2379': { id: A.id, members } });

test('a silent seed alone with one unstarted member on a host is that member', async () => {
  const { members, endpoints, notes } = await discover(
    ['10.0.0.1:2379', 'https://10.0.0.9:2379'],
    from([A, B, UNSTARTED]),
  );
  assert.deepEqual(brief(members), [
    `${A.id} 10.0.0.1:2379 seed`,
    `${B.id} 10.0.0.2:2379 member-list`,
    `${UNSTARTED.id} 10.0.0.9:2379 seed`,
  ]);
  const found = members[2];
  assert.deepEqual([found?.name, found?.tls, found?.clientUrls], ['n', true, []]);
  assert.equal(found?.httpUrls[0], 'https://10.0.0.9:2379');
  assert.equal(endpoints.find(({ id }) => id === '10.0.0.9_2379')?.memberId, UNSTARTED.id);
  assert.match(notes.join(), /10\.0\.0\.9:2379 is taken for member 8000000000000009/);
});

test('the host of an unstarted member is also known by its name', async () => {
  const waiting = member('8000000000000009', 'n', [], 'http://10.0.0.2:2380');
  const { members } = await discover(['10.0.0.1:2379', 'node-b:2379'], from([A, waiting]));
  assert.deepEqual(brief(members)[1], `${waiting.id} node-b:2379 seed`);
});

test('two seeds or two unstarted members on one host stay apart, and so does a seed on another host', async () => {
  const ids = async (seeds: readonly string[], listed: readonly Listed[]) =>
    (await discover(['10.0.0.1:2379', ...seeds], from(listed))).members.map(({ id }) => id);
  assert.deepEqual(await ids(['10.0.0.9:2379', '10.0.0.9:2479'], [A, UNSTARTED]), [
    A.id,
    UNSTARTED.id,
    'endpoint-10.0.0.9_2379',
    'endpoint-10.0.0.9_2479',
  ]);
  const twin = member('8000000000000008', '', [], 'http://10.0.0.9:2480');
  assert.deepEqual(await ids(['10.0.0.9:2379'], [A, twin, UNSTARTED]), [
    A.id,
    twin.id,
    UNSTARTED.id,
    'endpoint-10.0.0.9_2379',
  ]);
  assert.deepEqual(await ids(['10.0.0.8:2379'], [A, UNSTARTED]), [A.id, UNSTARTED.id, 'endpoint-10.0.0.8_2379']);
});

test('a loopback peer URL told by another machine says nothing of a loopback seed', async () => {
  const lost = member('8000000000000009', '', [], 'http://127.0.0.1:2380');
  const { members } = await discover(['10.0.0.1:2379', '127.0.0.1:2379'], from([A, lost]));
  assert.deepEqual(
    members.map(({ id }) => id),
    [A.id, lost.id, 'endpoint-127.0.0.1_2379'],
  );
});

test('one local process behind a seed and a silent member makes them one, whatever else is on the host', async () => {
  const nameless = member('8000000000000009', '', [], 'http://10.0.0.9:2380');
  const twin = member('8000000000000008', '', [], 'http://10.0.0.9:2480');
  const process = local(11, {
    name: 'n',
    'listen-client-urls': 'http://10.0.0.9:2379,http://127.0.0.1:2379',
    'initial-advertise-peer-urls': 'http://10.0.0.9:2380',
  });
  const { members } = await discover(['10.0.0.1:2379', '10.0.0.9:2379', '127.0.0.1:2379'], from([A, twin, nameless]), {
    locals: [process],
  });
  assert.deepEqual(brief(members), [
    `${A.id} 10.0.0.1:2379 seed`,
    `${twin.id}  member-list`,
    `${nameless.id} 10.0.0.9:2379 seed`,
  ]);
  assert.deepEqual([members[2]?.name, members[2]?.local?.pid], ['n', 11]);
});

test('a local process of another name at the seed is not the unstarted member', async () => {
  const other = local(11, { name: 'other', 'listen-client-urls': 'http://10.0.0.9:2379' });
  const { members } = await discover(['10.0.0.1:2379', '10.0.0.9:2379'], from([A, UNSTARTED]), { locals: [other] });
  assert.deepEqual(
    members.map(({ id, name }) => [id, name]),
    [
      [A.id, 'a'],
      [UNSTARTED.id, 'n'],
      ['endpoint-10.0.0.9_2379', 'other'],
    ],
  );
});

test('further seeds find the cluster of a member that is down; what files say of others counts only when nobody answers', async () => {
  const locals: LocalMember[] = [
    {
      pid: 0,
      startTicks: '0',
      executable: '',
      settings: {
        name: 'a',
        'listen-client-urls': 'http://10.0.0.1:2379',
        'advertise-client-urls': 'http://10.0.0.1:2379',
        'initial-advertise-peer-urls': 'http://10.0.0.1:2380',
      },
      matchedBy: '/etc/kubernetes/manifests/etcd.yaml',
    },
  ];
  const further = ['http://10.0.0.2:2379', 'http://10.0.0.66:2379'];
  const run = (answers: Parameters<typeof fakePorts>[0]) =>
    discoverTargets(
      {
        endpoints: [],
        cluster: true,
        tls: { insecureSkipTlsVerify: false },
        metricsEndpoints: [],
        itemTimeoutMs: 500,
        furtherSeeds: further,
      },
      fakePorts(answers),
      new AbortController().signal,
      locals,
    );
  const alive = await run({ '10.0.0.2:2379': { id: B.id, members: [A, B, C] } });
  assert.deepEqual(brief(alive.members), [
    `${A.id} 10.0.0.1:2379 member-list`,
    `${B.id} 10.0.0.2:2379 seed`,
    `${C.id} 10.0.0.3:2379 member-list`,
  ]);
  assert.equal(alive.members.find(({ id }) => id === A.id)?.local?.pid, 0);
  const dead = await run({});
  assert.deepEqual(dead.members.map(({ endpoint }) => endpoint).sort(), [
    '10.0.0.1:2379',
    '10.0.0.2:2379',
    '10.0.0.66:2379',
  ]);
});
