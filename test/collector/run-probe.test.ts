import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PlannedItem, planItems, type ProbeEnvironment } from '../../collector/plan.js';
import { ProbeError } from '../../collector/probe.js';
import { runProbe } from '../../collector/run-probe.js';
import { fakeMember, fakeStatus, fakeWiring, statusProbe } from './fake-wiring.js';

const itemOf = (run: Parameters<typeof statusProbe>[0]): PlannedItem => {
  const members = [fakeMember(0)];
  const [item] = planItems({
    cluster: { kind: 'cluster', id: 'cluster', members },
    members,
    hosts: [],
    endpoints: [],
    probes: { remote: [statusProbe(run)], local: [] },
    rounds: 1,
    itemTimeoutMs: 1000,
  });
  assert.ok(item !== undefined);
  return item;
};

const environment: Omit<ProbeEnvironment, 'signal' | 'timeoutMs'> = {
  ...fakeWiring({}, []).ports,
  now: () => Date.now(),
  monotonic: () => performance.now(),
  shared: { members: [] },
  logs: { sinceMs: 0, maxBytes: 0, headBytes: 0 },
};
const never = new AbortController().signal;

test('an answer keeps its parts', async () => {
  const outcome = await runProbe(
    itemOf(async ({ target }) => fakeStatus(target.id)),
    1000,
    environment,
    never,
  );
  assert.equal(outcome.state, 'ok');
  assert.equal(outcome.parts.length, 1);
});

test('a ProbeError keeps state, reason, message and detail', async () => {
  const error = new ProbeError('denied', 'permission-denied', 'no', {
    grpcStatus: 'PERMISSION_DENIED',
    permission: 'root',
  });
  const { state, reason, message, grpcStatus, permission } = await runProbe(
    itemOf(() => Promise.reject(error)),
    1000,
    environment,
    never,
  );
  assert.deepEqual(
    { state, reason, message, grpcStatus, permission },
    {
      state: 'denied',
      reason: 'permission-denied',
      message: 'no',
      grpcStatus: 'PERMISSION_DENIED',
      permission: 'root',
    },
  );
});

test('a probe that ignores its signal is left at its deadline', async () => {
  const outcome = await runProbe(
    itemOf(() => new Promise(() => undefined)),
    30,
    environment,
    never,
  );
  assert.deepEqual([outcome.state, outcome.reason], ['timeout', 'item-timeout']);
});

test('a probe that throws before it returns a promise is an unexpected failure', async () => {
  const item = itemOf(() => {
    throw new TypeError('broken');
  });
  const outcome = await runProbe(item, 1000, environment, never);
  assert.deepEqual([outcome.state, outcome.reason, outcome.message], ['failed', 'unexpected', 'broken']);
});

for (const [stop, running, waiting] of [
  ['budget', ['timeout', 'budget-exhausted'], ['skipped-by-budget', 'budget-exhausted']],
  ['SIGTERM', ['skipped-by-user', 'interrupted'], ['skipped-by-user', 'interrupted']],
] as const) {
  test(`${stop}: items under way and items not begun are told apart`, async () => {
    const controller = new AbortController();
    const item = itemOf(() => new Promise(() => undefined));
    const under = runProbe(item, 60_000, environment, controller.signal);
    controller.abort(stop);
    const cut = await under;
    assert.deepEqual([cut.state, cut.reason], running);
    assert.ok(cut.startedAt !== undefined);
    const skipped = await runProbe(item, 60_000, environment, controller.signal);
    assert.deepEqual([skipped.state, skipped.reason, skipped.startedAt], [...waiting, undefined]);
  });
}
