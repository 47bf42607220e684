import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LoadedBundle } from '../../../analyzer/bundle/loaded.js';
import { buildCase } from '../../../analyzer/bundle/merge.js';
import {
  FAKE_CLUSTER_ID,
  FAKE_START,
  type FakeArtifact,
  type FakeMember,
  fakeBundle,
  fakeCase,
  fakeId,
} from '../../support/fake-case.js';

const status = (of: string, memberId: string, clusterId = FAKE_CLUSTER_ID, round = 0): FakeArtifact => ({
  kind: 'endpoint-status',
  of,
  round,
  value: {
    memberId,
    clusterId,
    revision: '1',
    version: '3.5.16',
    dbSize: '1',
    leader: memberId,
    raftIndex: '18446744073709551615',
    raftTerm: '2',
    errors: [],
    isLearner: false,
    elapsedMs: 1,
  },
});

describe('a case of one bundle', () => {
  it('gives members, window, skew and typed artifacts', () => {
    const subject = fakeCase({
      artifacts: [status('m2', fakeId(1), FAKE_CLUSTER_ID, 1), status('m2', fakeId(1)), status('m1', fakeId(0))],
      skewMs: { m1: 3, m2: 10, m3: 4 },
      hosts: ['h1'],
      endpoints: [{ id: '10.0.0.2_2379', endpoint: '10.0.0.2:2379' }],
      gaps: [{ kind: 'metrics', of: 'm3', round: 0, state: 'timeout' }],
    });
    assert.deepEqual(
      subject.members.map(({ name }) => name),
      ['m1', 'm2', 'm3'],
    );
    assert.equal(subject.maxSkewMs, 7);
    assert.equal(subject.rounds, 2);
    assert.equal(subject.window.to - subject.window.from, 12_000);
    assert.deepEqual(subject.clusterIds, [FAKE_CLUSTER_ID]);
    assert.deepEqual(
      subject.artifacts('endpoint-status', fakeId(1)).map(({ round }) => round),
      [0, 1],
    );
    assert.equal(subject.artifacts('endpoint-status').length, 3);
    assert.equal(subject.artifacts('endpoint-status')[0]?.value.raftIndex, '18446744073709551615');
    assert.deepEqual(subject.artifacts('metrics', fakeId(0)), []);
    assert.equal(subject.endpoints[0]?.member, fakeId(1));
    assert.equal(subject.endpoints[0]?.role, 'client');
    assert.equal(subject.items.find(({ state }) => state === 'timeout')?.targetId, fakeId(2));
    assert.deepEqual(subject.conflicts, []);
  });
  it('is empty without bundles', () => {
    const subject = buildCase([]);
    assert.deepEqual(
      [subject.members, subject.window, subject.collection],
      [[], { from: 0, to: 0 }, { from: 0, to: 0 }],
    );
  });
  it('never shows a fake that does not fit its schema', () => {
    const wrong = { ...status('m1', fakeId(0)), value: { memberId: 'x' } } as unknown as FakeArtifact;
    assert.throws(() => fakeCase({ artifacts: [wrong] }), /endpoint-status/);
  });
});

describe('several bundles', () => {
  const second = 'c'.repeat(32);
  it('merges members by id; answered anywhere counts', () => {
    const one = fakeBundle({
      members: [
        { name: 'm1', host: 'h1' },
        { name: 'm2', reachable: false },
      ],
      artifacts: [status('m1', fakeId(0))],
      hosts: ['h1'],
      vantageHost: 'h1',
    });
    const two = fakeBundle({
      vantageHost: 'h2',
      members: [
        { name: 'm1', reachable: null },
        { name: 'm2', host: 'h2' },
      ],
      artifacts: [status('m1', fakeId(0)), status('m2', fakeId(1))],
      bundleId: second,
      createdAt: FAKE_START + 100,
      hosts: ['h2'],
    });
    const subject = buildCase([two, one]);
    assert.deepEqual(
      subject.members.map(({ name, reachable, host }) => ({ name, reachable, host })),
      [
        { name: 'm1', reachable: true, host: 'h1' },
        { name: 'm2', reachable: true, host: 'h2' },
      ],
    );
    assert.deepEqual(
      subject.hosts.map(({ id, members }) => [id, members]),
      [
        ['h1', [fakeId(0)]],
        ['h2', [fakeId(1)]],
      ],
    );
    assert.deepEqual(
      subject.artifacts('endpoint-status', fakeId(0)).map(({ bundleId }) => bundleId[0]),
      ['b', 'c'],
    );
    assert.deepEqual(subject.conflicts, []);
  });
  it('counts the same bundle once', () => {
    const subject = buildCase([
      fakeBundle({ artifacts: [status('m1', fakeId(0))] }),
      fakeBundle({ artifacts: [status('m1', fakeId(0))], file: 'copy' }),
    ]);
    assert.equal(subject.bundles.length, 1);
    assert.equal(subject.artifacts('endpoint-status').length, 1);
    assert.match(subject.conflicts.join(), /copy is the same bundle/);
  });
  it('keeps and names bundles of different clusters and different times', () => {
    const other = 'a'.repeat(16);
    const subject = buildCase([
      fakeBundle({ artifacts: [status('m1', fakeId(0))] }),
      fakeBundle({
        members: [{ name: 'x', id: 'e'.repeat(16) }],
        artifacts: [status('x', 'e'.repeat(16), other)],
        bundleId: second,
        createdAt: FAKE_START + 3_600_000,
        file: 'other.tgz',
      }),
    ]);
    assert.deepEqual(subject.clusterIds, [other, FAKE_CLUSTER_ID]);
    assert.equal(subject.members.length, 4);
    assert.match(subject.conflicts.join('\n'), /different clusters/);
    assert.match(subject.conflicts.join('\n'), /not taken at the same time: 60 min/);
  });
  it('says when names are tokens of different series keys, or tokens here and names there', () => {
    const under = (bundle: LoadedBundle, key?: string): LoadedBundle => ({
      ...bundle,
      manifest: {
        ...(bundle.manifest as NonNullable<LoadedBundle['manifest']>),
        redaction: {
          mode: key === undefined ? 'secrets-only' : 'standard',
          ruleset: '2',
          verified: true,
          replacements: 3,
          ...(key === undefined ? {} : { keyFingerprint: key }),
        },
      },
    });
    const [a, b] = [fakeBundle({ file: 'a.tgz' }), fakeBundle({ file: 'b.tgz', bundleId: second })];
    const said = (...bundles: readonly LoadedBundle[]): string => buildCase(bundles).conflicts.join('\n');
    assert.match(said(under(a, '11'), under(b, '22')), /a\.tgz: the series key 11; b\.tgz: the series key 22/);
    assert.match(said(under(a, '11'), under(b)), /b\.tgz: no key: real names/);
    assert.doesNotMatch(said(under(a, '11'), under(b, '11')), /series key/);
    assert.doesNotMatch(said(a, b), /series key/);
  });
  it('says when one node was collected twice, and which node was not', () => {
    const members = [{ name: 'm1', host: 'h1' }, { name: 'm2', host: 'h2' }, 'm3'];
    const [a, b, c] = [
      fakeBundle({ members, hosts: ['h1'], vantageHost: 'h1', file: 'a' }),
      fakeBundle({ members, hosts: ['h2'], vantageHost: 'h2', file: 'b', bundleId: second }),
      fakeBundle({ members, hosts: ['h1'], vantageHost: 'h1', file: 'c', bundleId: 'd'.repeat(32) }),
    ];
    assert.deepEqual(buildCase([a, b]).conflicts, [
      'No bundle is from the node of m3: disk, CPU, files and log there were not looked at. Collect there too: sudo etcd-collect',
    ]);
    assert.match(buildCase([a, c]).conflicts.join('\n'), /a and c are two runs on one node \(h1\)/);
    assert.deepEqual(buildCase([a]).conflicts, []);
  });
  it('says when member lists differ, and who is only in one', () => {
    const list = (...names: readonly string[]): FakeArtifact => ({
      kind: 'member-list',
      of: 'm1',
      value: {
        clusterId: FAKE_CLUSTER_ID,
        memberId: fakeId(0),
        elapsedMs: 1,
        raftTerm: '2',
        linearizable: false,
        members: names.map((name) => ({
          id: fakeId(Number(name.slice(1)) - 1),
          name,
          peerURLs: [],
          clientURLs: [],
          isLearner: false,
        })),
      },
    });
    const listing = (host: string, id: string, ...names: readonly string[]): LoadedBundle =>
      fakeBundle({ artifacts: [list(...names)], vantageHost: host, file: host, bundleId: id });
    const differing = buildCase([
      listing('a', 'a'.repeat(32), 'm1', 'm2'),
      listing('b', second, 'm1', 'm3'),
    ]).conflicts.join('\n');
    assert.match(differing, /a and b list different members: m2 only in the first, m3 only in the second/);
    assert.doesNotMatch(
      buildCase([listing('a', 'a'.repeat(32), 'm1', 'm2'), listing('b', second, 'm2', 'm1')]).conflicts.join(),
      /different members/,
    );
  });
  it('tells clocks that differ from collections that lie apart', () => {
    const dated = (of: string, min: number, max: number): FakeArtifact => ({
      kind: 'clock-offset',
      of,
      value: { samples: [], offsetMs: { min, max } },
    });
    const endpoints = [{ id: '10.0.0.1_2379', endpoint: '10.0.0.1:2379' }];
    const at = (host: string, id: string, offset: number, createdAt: number, of = '10.0.0.1_2379'): LoadedBundle =>
      fakeBundle({
        endpoints: [{ id: of, endpoint: of.replace('_', ':') }, ...(of === '10.0.0.1_2379' ? [] : endpoints)],
        artifacts: [dated(of, offset - 500, offset + 500)],
        vantageHost: host,
        file: host,
        bundleId: id,
        createdAt,
      });
    // The clock of b is an hour ahead: what it asked is an hour behind it.
    const said = (b: LoadedBundle): string =>
      buildCase([at('a', 'a'.repeat(32), 0, FAKE_START), b]).conflicts.join('\n');
    const ahead = said(at('b', second, -3_600_000, FAKE_START + 3_600_000));
    assert.match(ahead, /clock of the host of b is at least 60 min ahead of that of a/);
    assert.doesNotMatch(ahead, /same time/);
    const later = said(at('b', second, 0, FAKE_START + 3_600_000));
    assert.match(later, /not taken at the same time: 60 min/);
    assert.doesNotMatch(later, /clock/);
    // A second of resolution proves nothing, and loopback is another server.
    assert.doesNotMatch(said(at('b', second, -1000, FAKE_START)), /clock/);
    assert.doesNotMatch(
      buildCase([
        at('a', 'a'.repeat(32), 0, FAKE_START, '127.0.0.1_2379'),
        at('b', second, -9000, FAKE_START, '127.0.0.1_2379'),
      ]).conflicts.join(),
      /clock of/,
    );
  });
  it('folds a seed that did not answer into the member another bundle knows', () => {
    const seed = { id: 'endpoint-10.0.0.2_2379', name: '', reachable: false, clientUrls: ['http://10.0.0.2:2379'] };
    const subject = buildCase([
      fakeBundle({ members: [seed], gaps: [{ kind: 'endpoint-status', of: seed.id, round: 0, state: 'unreachable' }] }),
      fakeBundle({ bundleId: second, artifacts: [status('m2', fakeId(1))] }),
    ]);
    const member = subject.members.find(({ name }) => name === 'm2');
    assert.deepEqual(member?.targets, [fakeId(1), seed.id]);
    assert.equal(member?.reachable, true);
    assert.ok(!subject.members.some(({ id }) => id === seed.id));
    assert.equal(subject.items.find(({ state }) => state === 'unreachable')?.targetId, fakeId(1));
  });
  it('does not take loopback addresses of different hosts for one', () => {
    const seed = { id: 'endpoint-127.0.0.1_2379', name: '', reachable: false, clientUrls: ['http://127.0.0.1:2379'] };
    const local = { name: 'm1', clientUrls: ['http://127.0.0.1:2379'] };
    const far = buildCase([
      fakeBundle({ members: [seed], vantageHost: 'a' }),
      fakeBundle({ members: [local], vantageHost: 'b', bundleId: second }),
    ]);
    assert.ok(far.members.some(({ id }) => id === seed.id));
    const near = buildCase([
      fakeBundle({ members: [seed], vantageHost: 'a' }),
      fakeBundle({ members: [local], vantageHost: 'a', bundleId: second }),
    ]);
    assert.deepEqual(
      near.members.map(({ id }) => id),
      [fakeId(0)],
    );
  });
});

describe('a seed and a member that never joined', () => {
  const second = 'c'.repeat(32);
  const seedAt = (address: string, more: Partial<FakeMember> = {}): FakeMember => ({
    id: `endpoint-${address.replace(':', '_')}`,
    name: '',
    reachable: false,
    clientUrls: [`http://${address}`],
    ...more,
  });
  const unstarted: FakeMember = {
    id: fakeId(8),
    name: 'm9',
    reachable: false,
    clientUrls: [],
    peerUrls: ['http://10.0.0.9:2380'],
  };
  const config = (of: string, peerUrl: string): FakeArtifact => ({
    kind: 'server-config',
    of,
    value: {
      pid: 7,
      executable: 'etcd',
      discoveredBy: 'process',
      flags: {},
      env: { ETCD_INITIAL_ADVERTISE_PEER_URLS: peerUrl },
      configFileValues: {},
      omitted: [],
    },
  });
  const merged = (one: Parameters<typeof fakeBundle>[0], two: Parameters<typeof fakeBundle>[0]) =>
    buildCase([fakeBundle({ vantageHost: 'a', ...one }), fakeBundle({ vantageHost: 'b', bundleId: second, ...two })]);
  const ids = (subject: ReturnType<typeof merged>) => subject.members.map(({ id }) => id).sort();

  it('are one when they are alone on their host', () => {
    const seed = seedAt('10.0.0.9:2379');
    const subject = merged({ members: ['m1', unstarted] }, { members: [seed] });
    const member = subject.members.find(({ name }) => name === 'm9');
    assert.deepEqual(member?.targets, [unstarted.id, seed.id]);
    assert.deepEqual(ids(subject), [fakeId(0), unstarted.id]);
  });
  it('stay apart when another seed or another unstarted member is on the host, or the process has another name', () => {
    const [one, two] = [seedAt('10.0.0.9:2379'), seedAt('10.0.0.9:2479')];
    assert.equal(ids(merged({ members: [unstarted] }, { members: [one, two] })).length, 3);
    const twin = { ...unstarted, id: fakeId(7), name: 'm8', peerUrls: ['http://10.0.0.9:2480'] };
    assert.equal(ids(merged({ members: [unstarted, twin] }, { members: [one] })).length, 3);
    assert.equal(
      ids(merged({ members: [unstarted] }, { members: [seedAt('10.0.0.9:2379', { name: 'x' })] })).length,
      2,
    );
  });
  it('are one when the process behind the seed has the peer URL of the member, also with company', () => {
    const seed = seedAt('127.0.0.1:2379', { name: 'm9', host: 'b', reachable: null });
    const twin = { ...unstarted, id: fakeId(7), name: 'm8', peerUrls: ['http://10.0.0.9:2480'] };
    const subject = merged(
      { members: [unstarted, twin] },
      { members: [seed], hosts: ['b'], artifacts: [config(seed.id as string, 'http://10.0.0.9:2380')] },
    );
    const member = subject.members.find(({ id }) => id === unstarted.id);
    assert.deepEqual([member?.targets, member?.host], [[unstarted.id, seed.id], 'b']);
    assert.equal(subject.artifacts('server-config', unstarted.id).length, 1);
    assert.deepEqual(subject.hosts[0]?.members, [unstarted.id]);
  });
  it('are not one by loopback addresses of different hosts', () => {
    const lost = { ...unstarted, peerUrls: ['http://127.0.0.1:2380'] };
    assert.equal(ids(merged({ members: [lost] }, { members: [seedAt('127.0.0.1:2379')] })).length, 2);
    const near = merged({ members: [lost] }, { members: [seedAt('127.0.0.1:2379')], vantageHost: 'a' });
    assert.deepEqual(ids(near), [lost.id]);
  });
});
