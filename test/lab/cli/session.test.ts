import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster, Member } from '../cluster/cluster-types.js';
import { LabError } from './errors.js';
import { createSession } from './session.js';

const quiet = (): void => undefined;

/** Members that remember the signals they got; the first one leads. */
const fakeCluster = (): { cluster: Cluster; signals: string[] } => {
  const signals: string[] = [];
  const members = [0, 1, 2].map(
    (index) =>
      ({
        index,
        name: `m${index + 1}`,
        running: true,
        stop: (signal: string) => {
          signals.push(`m${index + 1} ${signal}`);
          return Promise.resolve();
        },
      }) as unknown as Member,
  );
  const cluster = {
    members,
    spares: [],
    member: (index: number) => {
      const found = members[index];
      if (found === undefined) throw new Error(`there is no member ${index}`);
      return found;
    },
    leader: () => Promise.resolve(members[0]),
    waitHealthy: () => Promise.resolve(),
  } as unknown as Cluster;
  return { cluster, signals };
};

test('faults are numbered, go to whom was meant, and are taken back', async () => {
  const { cluster, signals } = fakeCluster();
  const session = createSession(cluster, {});
  const first = await session.fault('pause', ['leader'], {}, quiet);
  const second = await session.fault('pause', ['follower', 2], {}, quiet);
  assert.deepEqual([first.number, first.members], [1, ['m1']]);
  assert.deepEqual([second.number, second.members], [2, ['m2', 'm3']]);
  assert.deepEqual(first.truth?.causes, ['vm-pause-or-steal']);
  assert.deepEqual(
    session.inForce().map(({ number }) => number),
    [1, 2],
  );
  const one = await session.clear(1, quiet);
  assert.deepEqual(
    one.cleared.map(({ number }) => number),
    [1],
  );
  assert.equal(one.servesAfter, undefined, 'another fault is in force');
  const rest = await session.clear('all', quiet);
  assert.ok(rest.servesAfter !== undefined);
  assert.deepEqual(session.inForce(), []);
  const kept = ['m1', 'm2', 'm3'].map((name) => signals.filter((each) => each.startsWith(name)));
  for (const [at, own] of kept.entries()) assert.deepEqual(own, [`m${at + 1} SIGSTOP`, `m${at + 1} SIGCONT`]);
});

test('the same member named twice gets it once', async () => {
  const { cluster, signals } = fakeCluster();
  const shown = await createSession(cluster, {}).fault('pause', ['leader', 0, 'leader'], {}, quiet);
  assert.deepEqual(shown.members, ['m1']);
  assert.deepEqual(signals, ['m1 SIGSTOP']);
});

test('what cannot be done says why, and nothing is in force', async () => {
  const { cluster, signals } = fakeCluster();
  const session = createSession(cluster, {});
  const fails = (failure: LabError['failure'], message: RegExp) => (error: unknown) =>
    error instanceof LabError && error.failure === failure && message.test(error.message);
  await assert.rejects(session.fault('pause', [7], {}, quiet), fails('usage', /no member 7/));
  await assert.rejects(session.fault('quota-live-data', [], {}, quiet), fails('impossible', /--quota-backend-bytes/));
  await assert.rejects(session.clear(5, quiet), fails('usage', /number 5/));
  assert.deepEqual(session.inForce(), []);
  assert.deepEqual(signals, []);
});
