import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlannedItem } from '../../collector/plan.js';
import { holdMs, runSchedule } from '../../collector/schedule.js';

const item = (
  lane: string,
  phase: PlannedItem['phase'],
  name: string,
  over: Partial<PlannedItem> = {},
): PlannedItem => ({
  id: `${name}@${lane}${over.round === undefined ? '' : `#${over.round}`}`,
  kind: 'version',
  target: { kind: 'member', id: lane },
  phase,
  side: 'remote',
  lane,
  title: name,
  reads: name,
  source: name,
  permission: 'none',
  impact: 'read-only',
  cost: 'cheap',
  timeoutMs: 5000,
  run: () => Promise.reject(new Error('not used')),
  ...over,
});

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Seen {
  readonly id: string;
  readonly from: number;
  to: number;
  readonly timeoutMs: number;
}

const runItems = async (
  items: readonly PlannedItem[],
  takes: (one: PlannedItem) => number,
  over: { rounds?: number; windowMs?: number; signal?: AbortSignal; timeLeft?: () => number } = {},
) => {
  const seen: Seen[] = [];
  const rounds: number[] = [];
  const givenUp: string[] = [];
  const startedAt = performance.now();
  const synchronisation = await runSchedule({
    items,
    rounds: over.rounds ?? 1,
    windowMs: over.windowMs ?? 0,
    itemTimeoutMs: 5000,
    startedAt,
    signal: over.signal ?? new AbortController().signal,
    now: () => Date.now(),
    monotonic: () => performance.now(),
    execute: async (one, timeoutMs) => {
      const entry: Seen = { id: one.id, from: performance.now() - startedAt, to: 0, timeoutMs };
      seen.push(entry);
      await sleep(takes(one));
      entry.to = performance.now() - startedAt;
    },
    ...(over.timeLeft === undefined ? {} : { timeLeft: over.timeLeft }),
    giveUp: ({ id }) => givenUp.push(id),
    afterRound: (round) => rounds.push(round),
  });
  return { seen, rounds, givenUp, synchronisation };
};

test('rounds that would take the time of the log are given up, and only they', async () => {
  const items = [...[0, 1, 2].map((round) => item('a', 'round', 'status', { round })), item('a', 'after', 'log')];
  const startedAt = performance.now();
  const timeLeft = (): number => startedAt + 5_000 + 450 - performance.now();
  const { seen, rounds, givenUp } = await runItems(items, () => 1, { rounds: 3, windowMs: 800, timeLeft });
  assert.deepEqual([rounds, givenUp], [[0, 1], ['status@a#2']]);
  assert.deepEqual(
    seen.map(({ id }) => id),
    ['status@a#0', 'status@a#1', 'log@a'],
  );
  const enough = await runItems(items, () => 1, { rounds: 3, windowMs: 800, timeLeft: () => 60_000 });
  assert.deepEqual(enough.givenUp, []);
});

test('phases in order, every item once', async () => {
  const items = [
    item('a', 'last', 'alarm'),
    item('a', 'after', 'log'),
    item('a', 'once', 'hash', { cost: 'moderate' }),
    item('a', 'once', 'health'),
    item('a', 'round', 'status', { round: 0 }),
  ];
  const { seen } = await runItems(items, () => 1);
  assert.deepEqual(
    seen.map(({ id }) => id),
    ['status@a#0', 'health@a', 'hash@a', 'log@a', 'alarm@a'],
  );
});

test('a member that answers is asked one thing at a time; members go side by side', async () => {
  const items = ['a', 'b'].flatMap((lane) => [1, 2, 3].map((index) => item(lane, 'once', `q${index}`)));
  const { seen } = await runItems(items, () => 30);
  for (const lane of ['a', 'b']) {
    const own = seen.filter(({ id }) => id.endsWith(`@${lane}`));
    for (const [index, entry] of own.entries()) {
      const before = own[index - 1];
      if (before !== undefined) assert.ok(entry.from >= before.to, `${entry.id} began before ${before.id} ended`);
    }
  }
  const firstOf = (lane: string): Seen | undefined => seen.find(({ id }) => id.endsWith(`@${lane}`));
  assert.ok((firstOf('b')?.from ?? 0) < (firstOf('a')?.to ?? 0), 'b waited for a');
});

test('a silent item holds its lane only for a moment, and the end waits for it', async () => {
  const items = [item('a', 'once', 'slow'), item('a', 'once', 'quick'), item('a', 'last', 'alarm')];
  const { seen } = await runItems(items, (one) => (one.title === 'slow' ? holdMs * 4 : 1));
  const [slow, quick, alarm] = seen;
  assert.ok(slow !== undefined && quick !== undefined && alarm !== undefined);
  assert.ok(quick.from < slow.to && alarm.from < slow.to);
  assert.ok(slow.to > 0, 'the schedule ended before the item');
});

test('timeouts shrink towards the end of the run, so that hung items do not add up', async () => {
  const items = Array.from({ length: 4 }, (_, index) => item('a', 'once', `q${index}`, { timeoutMs: 60_000 }));
  const { seen } = await runItems(items, () => holdMs + 50);
  for (const { timeoutMs, from } of seen) assert.ok(timeoutMs + from <= 5600, `${timeoutMs} at ${from}`);
});

test('rounds wait for the barrier and record the skew of every target', async () => {
  const items = [0, 1, 2].flatMap((round) => ['a', 'b'].map((lane) => item(lane, 'round', 'status', { round })));
  const { seen, rounds, synchronisation } = await runItems(items, () => 1, { rounds: 3, windowMs: 400 });
  assert.deepEqual(rounds, [0, 1, 2]);
  assert.deepEqual(
    synchronisation.map(({ round, skewMs }) => [round, Object.keys(skewMs)]),
    [0, 1, 2].map((round) => [round, ['a', 'b']]),
  );
  const start = (id: string): number => seen.find((entry) => entry.id === id)?.from ?? Number.NaN;
  assert.ok(start('status@a#1') >= 195 && start('status@b#2') >= 395);
});

test('an abort lets every remaining item through at once', async () => {
  const controller = new AbortController();
  const items = [0, 1, 2].map((round) => item('a', 'round', 'status', { round }));
  setTimeout(() => controller.abort('budget'), 50);
  const begin = performance.now();
  const { seen } = await runItems(items, () => 1, { rounds: 3, windowMs: 60_000, signal: controller.signal });
  assert.equal(seen.length, 3);
  assert.ok(performance.now() - begin < 10_000);
});

test('a lane that was slow once but answers keeps a decent time for its late items; a dead one does not', async () => {
  const given = new Map<string, number>();
  const started = performance.now();
  await runSchedule({
    items: ['slow', 'dead'].flatMap((lane) => [
      item(lane, 'once', 'a'),
      item(lane, 'once', 'b'),
      item(lane, 'once', 'c'),
    ]),
    rounds: 1,
    windowMs: 0,
    itemTimeoutMs: 600,
    startedAt: started,
    signal: new AbortController().signal,
    now: () => Date.now(),
    monotonic: () => performance.now(),
    execute: async (one, timeoutMs) => {
      given.set(one.id, timeoutMs);
      await sleep(one.lane === 'dead' ? timeoutMs : holdMs + 100);
    },
    afterRound: () => undefined,
  });
  assert.ok((given.get('c@slow') ?? 0) >= 1000, `${given.get('c@slow')}`);
  assert.ok((given.get('c@dead') ?? 0) < 600, `${given.get('c@dead')}`);
});
