import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFacts } from '../../../analyzer/facts/index.js';
import type { Copies } from '../../../analyzer/facts/values/index.js';
import { buildCase } from '../../../analyzer/bundle/merge.js';
import {
  FAKE_CLUSTER_ID,
  type FakeArtifact,
  type FakeBundle,
  fakeBundle,
  fakeCase,
  fakeId,
} from '../../support/fake-case.js';
import { dataDir, type FakeDataDir } from '../../support/fake-copies.js';

const [a, b, c] = [fakeId(0), fakeId(1), fakeId(2)];

/** Three dead members, with data dirs by name. */
const dead = (dirs: Readonly<Record<string, FakeDataDir>>, more: Partial<FakeBundle> = {}): Copies => {
  const ids: Readonly<Record<string, string>> = { m1: a, m2: b, m3: c };
  const facts = createFacts(
    fakeCase({
      members: ['m1', 'm2', 'm3'].map((name) => ({ name, reachable: false })),
      ...more,
      artifacts: [
        ...(more.artifacts ?? []),
        ...Object.entries(dirs).flatMap(([name, dir]) => dataDir(ids[name] ?? name, dir)),
      ],
    }),
  );
  const copies = facts.cluster('copies');
  assert.ok(copies.ok, copies.ok ? '' : copies.missing.reason);
  return copies.value;
};

const brief = ({ ranked }: Copies) =>
  ranked.map(({ copy, standing, usable }) => [copy.member, copy.state, standing, usable]);

describe('state of one copy', () => {
  const stateOf = (dir: FakeDataDir) => {
    const [only] = dead({ m1: dir }).ranked;
    assert.ok(only !== undefined);
    return only.copy;
  };
  test('sound, torn, damaged in log, pages and meta', () => {
    assert.equal(stateOf({}).state, 'sound');
    assert.equal(stateOf({ snapshot: 90 }).state, 'sound');
    assert.equal(stateOf({ wal: 'torn' }).state, 'repairable');
    assert.equal(stateOf({ wal: 'broken' }).state, 'damaged');
    assert.equal(stateOf({ db: 'page' }).state, 'damaged');
    const noMeta = stateOf({ db: 'no-meta' });
    assert.deepEqual([noMeta.state, noMeta.applied, noMeta.revision], ['damaged', null, null]);
  });
  test('what was read in part is never sound', () => {
    const part = stateOf({ wal: 'part' });
    assert.equal(part.state, 'unknown');
    assert.deepEqual(part.unseen, ['1 of 1 WAL segments']);
    assert.equal(stateOf({ db: 'part' }).state, 'unknown');
    assert.equal(stateOf({ db: 'none' }).state, 'unknown');
    assert.equal(stateOf({ wal: 'none' }).state, 'unknown');
  });
  test('a database that is not there: made anew from a log that begins at the first entry, else lost', () => {
    const gaps = [{ kind: 'datadir-db' as const, of: a, state: 'empty' as const }];
    const without = (dir: FakeDataDir) => dead({ m1: { ...dir, db: 'none' } }, { gaps }).ranked[0]?.copy.state;
    assert.equal(without({}), 'repairable');
    assert.equal(without({ snapshot: 90 }), 'damaged');
  });
  test('an emptied data dir', () => {
    const gaps = (['datadir-wal', 'datadir-db', 'datadir-snap'] as const).map((kind) => ({
      kind,
      of: a,
      state: 'empty' as const,
    }));
    assert.deepEqual(brief(dead({}, { gaps })), [[a, 'missing', 'current', false]]);
  });
  test('parts that contradict each other', () => {
    const lost = stateOf({ last: 80, commit: 100, applied: 80 });
    assert.deepEqual([lost.state, lost.fit.logLost], ['damaged', { commit: 100n, last: 80n }]);
    const ahead = stateOf({ last: 80, commit: 80, applied: 100 });
    assert.deepEqual([ahead.state, ahead.fit.databaseAhead], ['unknown', { applied: 100n, last: 80n }]);
    const behind = stateOf({ snapshot: 90, applied: 50 });
    assert.deepEqual([behind.state, behind.fit.databaseBehind], ['damaged', { applied: 50n, snapshot: 90n }]);
    const late = stateOf({ first: 60, snapshot: 90, snapProblem: 'crc-mismatch' });
    assert.deepEqual([late.state, late.fit.logStartsLate], ['damaged', { first: 60n, base: 0n }]);
    assert.equal(stateOf({ hole: [40, 45] }).state, 'damaged');
    assert.equal(stateOf({ hole: [40, 45], snapshot: 90 }).state, 'sound', 'it reads on from the snapshot');
    // An applied index beyond the HardState is what a kill leaves: etcd writes it with the next entries.
    assert.equal(stateOf({ last: 100, commit: 95, applied: 99 }).state, 'sound');
    // The files of a member that runs are of different moments.
    assert.equal(stateOf({ inUse: true, last: 80, commit: 80, applied: 100 }).state, 'sound');
  });
  test('a damaged snapshot that the log does without', () => {
    const spare = stateOf({ snapshot: 90, snapProblem: 'crc-mismatch' });
    assert.equal(spare.state, 'repairable');
    assert.equal(spare.snap.state, 'damaged');
  });
});

describe('ranking and decision', () => {
  test('three sound copies of different age: by term, then by index; start them', () => {
    const copies = dead({
      m1: { term: 3, last: 500, commit: 490, applied: 490 },
      m2: { term: 4, last: 400, commit: 390, applied: 390 },
      m3: { term: 4, last: 410, commit: 390, applied: 380 },
    });
    assert.deepEqual(
      copies.ranked.map(({ copy }) => copy.member),
      [c, b, a],
    );
    assert.deepEqual([copies.decision, copies.needed, copies.votersFrom], ['start', 2, 'copy']);
    assert.deepEqual(copies.available, [a, b, c]);
  });
  test('one damaged of three: the other two are a quorum; a recovery from the older would lose what the newer proves', () => {
    const copies = dead({
      m1: { last: 200, commit: 200 },
      m2: { last: 150, commit: 150 },
      m3: { last: 180, commit: 180, wal: 'broken', beyond: { last: 230, commit: 220 } },
    });
    assert.deepEqual(brief(copies), [
      [a, 'sound', 'current', true],
      [b, 'sound', 'current', true],
      [c, 'damaged', 'current', false],
    ]);
    assert.equal(copies.decision, 'start');
    assert.deepEqual(copies.newestCommit, { index: 220n, by: 'm3' });
    assert.deepEqual(copies.ranked[1]?.loss, { atLeast: 70n, atMost: 80n, revisions: 50n });
  });
  test('two damaged of three: no quorum can come', () => {
    const copies = dead({ m1: {}, m2: { wal: 'broken' }, m3: { db: 'page' } });
    assert.deepEqual([copies.decision, copies.available, copies.lost], ['restore', [a], [b, c]]);
    // What the others may have committed is not known from one log.
    assert.equal(copies.ranked[0]?.loss.atLeast, 0n);
  });
  test('one copy alone decides nothing', () => {
    const copies = dead({ m1: {} });
    assert.deepEqual([copies.decision, copies.unseen], ['cannot-tell', [b, c]]);
    assert.deepEqual(copies.ranked[0]?.loss, { atLeast: 0n, atMost: null, revisions: 0n });
  });
  test('two that were seen in part do not make up for one that is damaged', () => {
    assert.equal(dead({ m1: { wal: 'part' }, m2: { wal: 'part' }, m3: { wal: 'broken' } }).decision, 'cannot-tell');
  });
  test('a copy of another cluster', () => {
    const copies = dead({ m1: {}, m2: {}, m3: { cluster: '00000000000000aa', last: 9000, term: 9 } });
    assert.deepEqual([copies.cluster, copies.decision], [FAKE_CLUSTER_ID, 'start']);
    assert.deepEqual(brief(copies).at(-1), [c, 'sound', 'foreign', false]);
    assert.deepEqual(copies.newestCommit?.index, 100n);
    const split = dead({ m1: {}, m2: { cluster: '00000000000000aa' } });
    assert.deepEqual([split.cluster, split.decision], [null, 'cannot-tell']);
  });
  test('a copy that went on alone, as after --force-new-cluster', () => {
    const alone = { voters: [c], removed: [a, b], removals: [a, b], last: 300, commit: 300, applied: 300 };
    const copies = dead({ m1: { last: 290 }, m2: { last: 290 }, m3: alone });
    assert.deepEqual(brief(copies).at(-1), [c, 'sound', 'detached', false]);
    assert.deepEqual([copies.voters, copies.decision], [[a, b, c], 'start']);
    // A cluster that was shrunk by its own members: the removals are in other logs, too.
    const shrunk = dead({
      m1: { last: 290, removals: [b] },
      m2: { last: 280, voters: [a, b, c] },
      m3: { ...alone, removals: [b, a] },
    });
    assert.deepEqual([shrunk.voters, shrunk.decision], [[c], 'start']);
    assert.deepEqual(
      shrunk.ranked.map(({ standing }) => standing),
      ['current', 'removed', 'removed'],
    );
  });
  test('too few copies hold what one of them knows to be committed: one was set back', () => {
    const copies = dead({
      m1: { last: 200, commit: 200 },
      m2: { last: 150, commit: 150 },
      m3: { last: 140, commit: 140 },
    });
    assert.deepEqual(copies.lostAcks, { commit: 200n, holders: [a], suspects: [b, c] });
    assert.equal(copies.decision, 'start');
    assert.equal(copies.ranked[1]?.loss.atMost, null);
    // With one copy unread it may be the one that holds it.
    assert.equal(dead({ m1: { last: 200, commit: 200 }, m2: { last: 150, commit: 150 } }).lostAcks, null);
  });
  const answer = (memberId: string, raftIndex: number): FakeArtifact => ({
    kind: 'endpoint-status',
    of: memberId,
    round: 0,
    value: {
      memberId,
      clusterId: FAKE_CLUSTER_ID,
      revision: '900',
      version: '3.5.16',
      dbSize: '1',
      leader: '0000000000000000',
      raftIndex: String(raftIndex),
      raftTerm: '3',
      errors: [],
      isLearner: false,
      elapsedMs: 1,
    },
  });
  test('a member that answers counts, whatever its files', () => {
    const dirs = { m1: { inUse: true, wal: 'part' as const }, m2: {}, m3: { wal: 'broken' as const } };
    const copies = dead(dirs, { artifacts: [answer(a, 100)] });
    assert.deepEqual([copies.available, copies.unseen, copies.lost], [[a, b], [], [c]]);
    // A majority is there: what it lacks is not in the files of one that runs.
    assert.equal(copies.decision, 'start');
    const both = dead(dirs, { artifacts: [answer(a, 100), answer(b, 100)] });
    assert.equal(both.decision, 'not-needed');
  });
  test('set back: the member had answered with more than its files hold', () => {
    const at = Date.UTC(2026, 0, 2, 4);
    const later = dataDir(b, { last: 80, commit: 80 }).map((each): FakeArtifact => ({ ...each, at }) as FakeArtifact);
    const copies = dead({ m1: {} }, { artifacts: [answer(b, 90), ...later] });
    const row = copies.ranked.find(({ copy }) => copy.member === b);
    assert.deepEqual([row?.standing, row?.usable, row?.copy.state], ['superseded', false, 'sound']);
    assert.equal(copies.newestRevision?.revision, 900n);
  });
  test('the same place read twice is one copy, as it was last', () => {
    const bundle = (id: string, createdAt: number, dir: FakeDataDir) =>
      fakeBundle({ bundleId: id.repeat(32), createdAt, members: ['m1', 'm2', 'm3'], artifacts: dataDir(a, dir) });
    const [first, second] = [Date.UTC(2026, 0, 2), Date.UTC(2026, 0, 3)];
    const of = (...dirs: readonly [FakeDataDir, FakeDataDir]): Copies => {
      const facts = createFacts(buildCase([bundle('1', first, dirs[0]), bundle('2', second, dirs[1])]));
      const copies = facts.cluster('copies');
      assert.ok(copies.ok);
      return copies.value;
    };
    const grown = of({ last: 100 }, { last: 150 });
    assert.deepEqual(
      grown.ranked.map(({ copy, standing }) => [copy.last?.index, standing]),
      [[150n, 'current']],
    );
    const shrunk = of({ last: 150 }, { last: 100 });
    assert.deepEqual(
      shrunk.ranked.map(({ copy, standing }) => [copy.last?.index, standing]),
      [[100n, 'superseded']],
    );
    // A log that a later leader cut is newer for all that.
    assert.equal(of({ last: 150, term: 3 }, { last: 140, term: 4 }).ranked[0]?.standing, 'current');
  });
});
