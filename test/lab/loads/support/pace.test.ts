import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { asFastAsPossible, atRate } from './pace.js';
import { createTally } from './tally.js';

test('calls are started at the rate asked for', async () => {
  let calls = 0;
  const pace = atRate(200, 100, async () => {
    calls += 1;
  });
  const from = performance.now();
  await sleep(1_000);
  const due = ((performance.now() - from) / 1000) * 200;
  await pace.stop();
  // A stall of this process is made up for, up to a second of it.
  assert.ok(calls > due * 0.8 && calls < due * 1.2, `${calls} calls, ${due} due`);
  const before = calls;
  await sleep(100);
  assert.equal(calls, before);
});

test('no more calls are under way than allowed, and stop waits for the last', async () => {
  let underWay = 0;
  let most = 0;
  const pace = atRate(500, 3, async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await sleep(60);
    underWay -= 1;
  });
  await sleep(400);
  await pace.stop();
  assert.equal(most, 3);
  assert.equal(underWay, 0);
});

test('callers go on one call after the other until they are stopped', async () => {
  const calls = [0, 0];
  const pace = asFastAsPossible(2, async (caller) => {
    calls[caller] = (calls[caller] ?? 0) + 1;
    await sleep(5);
    return true;
  });
  await sleep(200);
  await pace.stop();
  assert.ok(
    calls.every((count) => count > 3 && count <= 60),
    String(calls),
  );
});

test('a tally keeps percentiles to 5 % and the last error', async () => {
  const tally = createTally();
  for (const ms of [...Array<number>(19).fill(10), 120]) assert.equal(await tally.timed(() => sleep(ms)), true);
  assert.equal(await tally.timed(() => Promise.reject(new Error('no'))), false);
  tally.counted();
  const { done, failed, lastError, p50, p99 } = tally.report();
  assert.deepEqual({ done, failed, lastError }, { done: 21, failed: 1, lastError: 'no' });
  assert.ok(p50 >= 9 && p50 < 60, `p50 ${p50}`);
  assert.ok(p99 >= 114 && p99 < 400, `p99 ${p99}`);
});
