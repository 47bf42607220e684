import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { reserveFor, watchBudget } from '../../collector/budget.js';

const MB = 1024 * 1024;
const reserve = (budgetMs: number, megabytes: number, crowded: number): number =>
  reserveFor({ budgetMs, bytes: () => megabytes * MB, crowded: () => crowded });

test('on a free host two seconds are kept for writing, a tenth of a short budget', () => {
  assert.equal(reserve(60_000, 1, 1), 2_000);
  assert.equal(reserve(5_000, 0.1, 1), 500);
});

test('a crowded host, or much to write, keeps more, never more than half', () => {
  const crowded = reserve(60_000, 2, 10);
  assert.ok(crowded > 5 * 2_000 && crowded < 30_000, `${crowded}`);
  assert.ok(reserve(60_000, 20, 1) > reserve(60_000, 10, 1));
  assert.equal(reserve(60_000, 100, 17), 30_000);
});

test('it ends once, when the rest is needed, and sees that the host has become crowded', async () => {
  let now = 0;
  let crowded = 1;
  let ended = 0;
  const budget = { budgetMs: 60_000, begunAt: 0, monotonic: () => now, bytes: () => 2 * MB, crowded: () => crowded };
  const { left, stop } = watchBudget(budget, () => (ended += 1));
  assert.equal(left(), 58_000);
  now = 31_000;
  await sleep(300);
  assert.equal(ended, 0);
  crowded = 20;
  await sleep(300);
  assert.equal(ended, 1);
  await sleep(300);
  assert.equal(ended, 1);
  stop();
});

test('a program that took most of the time to load still reads, and one that took all of it ends at once', () => {
  const at = (now: number): boolean => {
    let ended = false;
    watchBudget({ budgetMs: 10_000, begunAt: 0, monotonic: () => now, bytes: () => 0, crowded: () => 1 }, () => {
      ended = true;
    }).stop();
    return ended;
  };
  assert.equal(at(9_500), false);
  assert.equal(at(10_000), true);
});
