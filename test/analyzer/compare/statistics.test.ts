import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mannWhitney, poissonRates, shareGrowthAtLeast, twoSidedP } from '../../../analyzer/compare/statistics.js';

const near = (actual: number | undefined, expected: number, tolerance: number): void => {
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
};

/** Reproducible numbers between 0 and 1 (Park and Miller). */
const random = (seed: number) => (): number => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
};

describe('tests on counts', () => {
  it('knows the normal distribution', () => {
    near(twoSidedP(1.959964), 0.05, 1e-5);
    near(twoSidedP(-3.290527), 0.001, 1e-6);
    near(twoSidedP(0), 1, 1e-6);
  });
  it('ranks bucketed values: all larger, all alike, and a hand-made table with ties', () => {
    assert.equal(mannWhitney([10, 0], [0, 10], 1)?.superiority, 1);
    const alike = mannWhitney([10, 5], [20, 10], 1);
    near(alike?.superiority, 0.5, 1e-12);
    near(alike?.p, 1, 1e-6);
    // Pairs of {1,1,2} and {1,2,2}: 4 larger, 4 ties, 1 smaller of 9.
    near(mannWhitney([2, 1], [1, 2], 1)?.superiority, 6 / 9, 1e-12);
    assert.equal(mannWhitney([0, 0], [1, 2], 1), null);
  });
  it('is as large as the 0.001 it promises, or smaller, on independent samples of one distribution', () => {
    const next = random(7);
    const sample = (): number[] => {
      const counts = [0, 0, 0, 0, 0, 0];
      for (let i = 0; i < 80; i += 1) {
        const bucket = Math.min(5, Math.floor(-Math.log(next()) * 1.5));
        counts[bucket] = (counts[bucket] ?? 0) + 1;
      }
      return counts;
    };
    let claimed = 0;
    for (let i = 0; i < 2000; i += 1) if ((mannWhitney(sample(), sample(), 1)?.p ?? 1) < 0.001) claimed += 1;
    assert.ok(claimed <= 10, `${claimed} of 2000`);
  });
  it('gives less weight to dependent observations', () => {
    const [a, b] = [
      [60, 20],
      [40, 40],
    ];
    const free = mannWhitney(a, b, 1);
    const bound = mannWhitney(a, b, 4);
    assert.ok(free !== null && bound !== null && free.p < bound.p);
    assert.equal(free.superiority, bound.superiority);
  });
  it('gives Newcombe’s interval: his example 56/70 against 48/80, lower end 0.0524', () => {
    near(shareGrowthAtLeast([48, 80], [56, 70], 1, 1.959964), 0.0524, 1e-4);
    assert.ok(shareGrowthAtLeast([1, 100], [3, 100], 1, 3.29) < 0);
  });
  it('compares rates given their sum: binomial tails', () => {
    // 0 and 5 events in equal times: 2 x 0.5^5.
    near(poissonRates([0, 1], [5, 1], 1), 0.0625, 1e-9);
    near(poissonRates([10, 1], [10, 1], 1), 1, 1e-9);
    assert.equal(poissonRates([0, 1], [0, 1], 1), 1);
    assert.ok(poissonRates([100, 1], [300, 1], 4) > poissonRates([100, 1], [300, 1], 1));
    assert.ok(poissonRates([10_000, 1], [10_100, 1], 1) > 0.1);
    assert.ok(poissonRates([10_000, 1], [12_000, 1], 1) < 1e-6);
  });
});
