import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  began,
  growthOf,
  hoursUntil,
  increase,
  lastStart,
  pointsOf,
  spellsAbove,
  startsIn,
} from '../../../../analyzer/rules/evidence/history.js';
import { WINDOW } from '../../../support/fake-facts.js';
import { memberId } from '../../../support/rule-tester.js';
import { history, line, series } from '../../../support/surroundings.js';

const MINUTE = 60_000;
const observed = (values: readonly (number | null)[]): string | undefined =>
  began(history(series('wal-fsync-p99', 1, values)), 'wal-fsync-p99', memberId(1), 16, 'slow')[0]?.observed;
const low = (n: number) => line(n, 2, 2);
const high = (n: number) => line(n, 40, 40);

test('spells: two points or more; a gap neither ends nor starts one', () => {
  const spells = spellsAbove(series('x', 1, [1, 40, 1, 40, null, 40, 1, null, 40, 40]), 16);
  assert.equal(spells.length, 2);
  assert.equal(spells[0] === undefined ? 0 : spells[0].to - spells[0].from, 2 * MINUTE);
});

test('when it began: the present spell, since before the history, over, for the first time or not', () => {
  assert.match(observed([...low(50), ...high(10)]) ?? '', /^since 2026-11-22 09:51 UTC, the only time in 59 min/);
  assert.match(observed(high(60)) ?? '', /where the history begins/);
  assert.match(observed([...high(10), ...low(50)]) ?? '', /^last from .* to /);
  assert.match(observed([...low(10), ...high(5), ...low(20), ...high(5)]) ?? '', /and 1 times before$/);
  assert.equal(observed(low(60)), undefined, 'nothing to say');
  assert.equal(observed(high(5)), undefined, 'too short to be a history');
  assert.deepEqual(began(undefined, 'x', 'y', 1, 'z'), []);
});

test('growth: a line has no error, halves that disagree have a large one, a plateau does not grow', () => {
  const of = (values: readonly number[]) => growthOf(pointsOf(series('db-size', 1, values))) ?? assert.fail();
  const steady = of(line(121, 100, 300));
  assert.ok(Math.abs(steady.perHour - 100) < 1e-3 && steady.errorPerHour < 1e-3);
  const until = hoursUntil(steady, 500) ?? assert.fail();
  assert.ok(Math.abs(until.earliest - 2) < 0.01 && Math.abs(until.latest - 2) < 0.01);
  const step = of([...line(60, 100, 100), ...line(61, 300, 300)]);
  assert.ok(step.errorPerHour >= step.perHour * 0.9, 'one step is no pace');
  assert.equal(hoursUntil(step, 500), undefined);
  assert.equal(hoursUntil(of(line(121, 100, 100)), 500), undefined);
  assert.equal(hoursUntil(steady, 200), undefined, 'it is there already');
  assert.equal(growthOf(pointsOf(series('db-size', 1, [1, 2, 3]))), undefined);
});

test('a counter that starts again; starts of a process', () => {
  const counted = series('leader-changes', 1, [5, 7, 7, 1, 3]);
  assert.equal(increase(counted, counted.start, WINDOW.to), 5);
  assert.equal(increase(counted, WINDOW.to, WINDOW.to), undefined);
  const first = WINDOW.to / 1000 - 3000;
  const past = history(series('process-start', 1, [first, first, first + 900.2, first + 900.2, first + 2000]));
  assert.equal(lastStart(past, memberId(1)), (first + 2000) * 1000);
  assert.equal(startsIn(past, memberId(1), WINDOW.to - 2_500_000, WINDOW.to).length, 2);
  assert.equal(lastStart(past, memberId(2)), undefined);
});
