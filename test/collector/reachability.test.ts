import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProbeError } from '../../collector/probe.js';
import { createReachability, doorOf, readSilence } from '../../collector/reachability.js';

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

test('a silent check is a slow check only at a member that answers otherwise', () => {
  const reach = createReachability();
  assert.equal(readSilence('health', hung, reach.hasAnswered('a', 'http')).reason, 'not-answering');
  reach.note('a', 'ok', 'http');
  assert.equal(reach.hasAnswered('a', 'grpc'), false);
  assert.equal(readSilence('health', hung, reach.hasAnswered('a', 'http')).reason, 'item-timeout');
  assert.equal(readSilence('metrics', hung, reach.hasAnswered('a', 'http')).reason, 'not-answering');
  const refused = new ProbeError('unreachable', 'connection-refused', 'refused');
  assert.equal(readSilence('livez', refused, true), refused);
});
