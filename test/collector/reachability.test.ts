import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProbeError } from '../../collector/probe.js';
import { createReachability, doorOf } from '../../collector/reachability.js';

const hung = new ProbeError('timeout', 'not-answering', 'silent');

test('a member that was silent is not asked again, and says why', () => {
  const reach = createReachability();
  assert.equal(reach.shouldSkip('a'), undefined);
  reach.note('a', hung);
  const skip = reach.shouldSkip('a');
  assert.equal(skip?.state, 'timeout');
  assert.equal(skip?.reason, 'target-unreachable');
  assert.match(skip?.message ?? '', /silent/);
  assert.equal(reach.shouldSkip('b'), undefined);
});

test('the skip itself does not hide the first reason', () => {
  const reach = createReachability();
  reach.note('a', hung);
  const skip = reach.shouldSkip('a');
  assert.ok(skip);
  reach.note('a', skip);
  assert.match(reach.shouldSkip('a')?.message ?? '', /^[^(]*\(not-answering/);
});

test('an answer or a refusal by a living server clears it, an interruption does not', () => {
  const reach = createReachability();
  reach.note('a', hung);
  reach.note('a', new ProbeError('skipped-by-budget', 'budget-exhausted', 'late'));
  assert.ok(reach.shouldSkip('a'));
  reach.note('a', new ProbeError('denied', 'permission-denied', 'no'));
  assert.equal(reach.shouldSkip('a'), undefined);
  reach.note('a', hung);
  reach.note('a', 'ok');
  assert.equal(reach.shouldSkip('a'), undefined);
});

test('gRPC and HTTP are remembered apart', () => {
  const reach = createReachability();
  reach.note('a', hung, doorOf('metrics'));
  assert.equal(reach.shouldSkip('a', doorOf('hashkv')), undefined);
  assert.ok(reach.shouldSkip('a', doorOf('livez')));
});
