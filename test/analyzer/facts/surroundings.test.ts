/** Facts about connections, network and time set-up, block devices, measured syncs, history and keys, from artifacts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFacts } from '../../../analyzer/facts/index.js';
import type { SocketsArtifact } from '../../../schemas/index.js';
import { FAKE_START, type FakeArtifact, fakeCase, fakeId } from '../../support/fake-case.js';
import { reasonOf, valueIn } from './helpers.js';

const [m1, m2] = [fakeId(0), fakeId(1)];
const caseOf = (...artifacts: readonly FakeArtifact[]) =>
  createFacts(
    fakeCase({
      members: [{ name: 'm1', host: 'h1' }, { name: 'm2' }],
      hosts: ['h1'],
      artifacts,
      rounds: [FAKE_START + 1000, FAKE_START + 11_000],
    }),
  );

type Peer = SocketsArtifact['peers'][number];
const connection = (port: number, tcp: Peer['tcp'], more: Partial<Peer> = {}): Peer => ({
  direction: 'out',
  memberId: m2,
  local: `10.0.0.1:${port}`,
  remote: '10.0.0.2:2380',
  state: 'ESTABLISHED',
  rxQueueBytes: 0,
  txQueueBytes: 0,
  retransmits: 0,
  ...(tcp === undefined ? {} : { tcp }),
  ...more,
});
const table = (
  round: number,
  peers: readonly Peer[],
  ss: SocketsArtifact['ss']['state'] = 'ok',
  rxQueueBytes = 0,
): FakeArtifact => ({
  kind: 'sockets',
  of: m1,
  round,
  value: {
    ports: { client: [2379], peer: [2380], metrics: [] },
    attributedBy: 'inode',
    groups: [
      {
        role: 'client',
        sockets: 3,
        states: { ESTABLISHED: 3 },
        rxQueueBytes,
        rxQueueMaxBytes: rxQueueBytes,
        txQueueBytes: 0,
        txQueueMaxBytes: 0,
        retransmitting: 0,
      },
    ],
    listeners: [{ address: '10.0.0.1', port: 2379, waiting: 2 }],
    peers: [...peers],
    ss: { state: ss },
  },
});
const peersOf = (...artifacts: readonly FakeArtifact[]) => valueIn(caseOf(...artifacts).member(m1, 'sockets')).peers[0];

test('sockets: growth on connections that stay and that are new; the upper median of the fastest round trips', () => {
  const seen = peersOf(
    table(0, [connection(1, { rttMs: 4, segmentsOut: '100', retransTotal: 5, lastSendMs: 90, bytesReceived: '50' })]),
    table(1, [
      connection(1, { rttMs: 0.5, segmentsOut: '300', retransTotal: 8, lastSendMs: 10, bytesReceived: '90' }),
      connection(2, { rttMs: 70, segmentsOut: '40', lastSendMs: 20, bytesReceived: '7000' }),
      connection(3, { rttMs: 0.1, segmentsOut: '9', lastSendMs: 60_000 }),
    ]),
  );
  assert.equal(seen?.segmentsOut, 249);
  assert.equal(seen.resent, 3);
  assert.equal(seen.steady, true);
  assert.equal(seen.receivedOverOwnCalls, 40, 'what a new connection got says nothing about the whole window');
  assert.equal(seen.rttMs, 4, 'a connection that is silent keeps the round trip of its handshake');
});

test('sockets: a connection that ended takes its counts along; without ss there are none', () => {
  const ended = peersOf(
    table(0, [connection(1, { segmentsOut: '100', retransTotal: 9 }), connection(2, { segmentsOut: '5' })]),
    table(1, [connection(2, { segmentsOut: '50' })]),
  );
  assert.equal(ended?.steady, false);
  assert.equal(ended.resent, 0);
  const blind = peersOf(
    table(0, [connection(1, undefined)], 'missing'),
    table(1, [connection(1, undefined)], 'missing'),
  );
  assert.equal(blind?.segmentsOut, null);
  assert.equal(blind.resent, null);
  assert.equal(blind.rttMs, null);
  const once = peersOf(table(0, [connection(1, { rttMs: 1, segmentsOut: '100' })]));
  assert.equal(once?.segmentsOut, null, 'one round is no window');
});

test('sockets: a queue counts when it is there in every round', () => {
  const value = (first: number, last: number) =>
    valueIn(caseOf(table(0, [], 'ok', first), table(1, [], 'ok', last)).member(m1, 'sockets'));
  assert.equal(value(700, 0).unreadBytes, 0);
  assert.equal(value(700, 300).unreadBytes, 300);
  assert.equal(value(0, 0).waiting, 2);
  const dialling = peersOf(
    table(0, [connection(1, undefined, { state: 'SYN_SENT', retransmits: 3 })]),
    table(1, [connection(4, undefined, { state: 'SYN_SENT', retransmits: 1 })]),
  );
  assert.deepEqual([dialling?.diallingRounds, dialling?.timeouts, dialling?.established], [2, 3, 0]);
});

const asked = (name: string, more: Partial<(FakeArtifact & { kind: 'history' })['value']>): FakeArtifact => ({
  kind: 'history',
  value: {
    name,
    query: name,
    unit: 'bytes',
    type: 'gauge',
    start: '2026-01-02T02:00:00.000Z',
    stepSeconds: 60,
    points: 3,
    chosenBy: 'address',
    series: [{ labels: { instance: '10.0.0.2:2381' }, values: [null, 5, 7] }],
    elapsedMs: 3,
    ...more,
  },
});

test('history: series by id, else by the host of the instance; what may be of another cluster is left out', () => {
  const history = valueIn(caseOf(asked('db-size', {})).cluster('history'));
  assert.equal(history.of('db-size', m2).length, 1);
  assert.equal(history.from, Date.parse('2026-01-02T02:01:00.000Z'), 'the first value, not the first point');
  assert.equal(history.of('db-size', m1).length, 0);
  const foreign = caseOf(asked('db-size', { chosenBy: 'everything' })).cluster('history');
  assert.match(reasonOf(foreign), /known to be of this cluster/);
  const unknown = valueIn(
    caseOf(asked('db-size', { series: [{ labels: { instance: 'monitor:9090' }, values: [1, 2, 3] }] })).cluster(
      'history',
    ),
  );
  assert.equal(unknown.series[0]?.member, null);
});

test('set-up of the host, measured syncs and keys', () => {
  const facts = caseOf(
    { kind: 'time-sync', of: 'h1', value: { synchronised: false, synchronisedBy: 'kernel', daemons: [], asked: [] } },
    { kind: 'net-config', of: 'h1', value: { interfaces: [], routes: [], hosts: [], problems: [] } },
    {
      kind: 'fsync-probe',
      of: 'h1',
      value: {
        measurements: [
          {
            dirs: [{ memberId: m1, role: 'data' }],
            dir: '/d',
            mountPoint: '/',
            fsType: 'xfs',
            device: '8:1',
            writeBytes: 2300,
            writes: 50,
            bytes: 115_000,
            elapsedMs: 100,
            ended: 'time',
            latency: { p50Ms: 1 },
            histogram: [],
          },
        ],
        refused: [],
      },
    },
    {
      kind: 'keyspace',
      value: {
        askedMember: m1,
        isLeader: false,
        prefixes: [
          { prefix: '/registry/pods/', count: '12', elapsedMs: 1 },
          { prefix: '/registry/events/', count: '4000', elapsedMs: 1 },
        ],
        notCounted: ['/registry/leases/'],
        ended: 'time',
        elapsedMs: 5,
      },
    },
  );
  assert.deepEqual(
    [valueIn(facts.host('h1', 'timeSync')).synchronised, valueIn(facts.host('h1', 'timeSync')).offsetMs],
    [false, null],
  );
  assert.equal(valueIn(facts.host('h1', 'netConfig')).resolver, null);
  const probe = valueIn(facts.member(m1, 'fsyncProbe'));
  assert.deepEqual([probe.role, probe.p50Ms, probe.p99Ms], ['data', 1, null]);
  assert.match(reasonOf(facts.member(m2, 'fsyncProbe')), /no collector ran on the host of m2/);
  const keyspace = valueIn(facts.cluster('keyspace'));
  assert.deepEqual(
    [keyspace.prefixes[0]?.prefix, keyspace.total, keyspace.complete],
    ['/registry/events/', null, false],
  );
});
