import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logSignatures } from '../../../analyzer/logs/index.js';
import { buildMatcher, matchText } from '../../../analyzer/logs/matcher.js';
import { slowRequest } from '../../../analyzer/logs/slow-request.js';
import { generateLines } from '../../bench/generate-log.js';

const matcher = buildMatcher(logSignatures());

const tail = '" with result "range_response_count:1 size:5" took too long (604.07ms) to execute';
const plain = [
  `etcdserver: read-only range request "key:\\"a\\" ${tail}`,
  `etcdserver: read-only txn request "x${tail}`,
  `request "header:<ID:1 > put:<key:\\"a\\" >${tail}`,
  `etcdserver: request "quotes ${tail} inside ${tail}`,
  `pkg/v3.x-y_z: read-only range request "${tail}`,
  `etcdserver: request "err: x" with result "error:context canceled" took too long (2s) to execute`,
];
const odd = [
  `etcdserver: read-only range request "k\u00c3\u00a9${tail}`,
  `etcdserver: request "a\rb${tail}`,
  `two words: request "a${tail}`,
  `etcdserver: request "a${tail} twice`,
  `etcdserver: request "a" with result "b" took too long () to execute`,
  `etcdserver: request "a" with result "b" took too long (${'1'.repeat(41)}) to execute`,
  `etcdserver: request "a" with result "" took too long (x) b" took too long (1s) to execute`,
  'etcdserver: request " with result "a" took too long (1s) to execute',
  'took too long (1s) to execute',
];
const groupsOf = (match: ReturnType<typeof matchText> | undefined) => ({
  id: match?.primary?.compiled.signature.id,
  groups: { ...match?.primary?.groups },
  anywhere: match?.anywhere.length,
});

test('the slow request of 3.4 by hand is what the pattern gives', () => {
  for (const text of plain) {
    const byHand = slowRequest(matcher, text);
    assert.equal(byHand?.primary?.compiled.signature.id, 'apply-took-too-long-34', text);
    assert.deepEqual(groupsOf(byHand), groupsOf(matchText(matcher, text, 'text')), text);
  }
});

test('text that is not plain is left to the pattern, or read alike', () => {
  for (const text of odd) {
    const byHand = slowRequest(matcher, text);
    if (byHand !== undefined) assert.deepEqual(groupsOf(byHand), groupsOf(matchText(matcher, text, 'text')), text);
  }
  assert.equal(odd.filter((text) => slowRequest(matcher, text) === undefined).length, odd.length);
});

test('generated lines are read alike', () => {
  let read = 0;
  for (const line of generateLines('text', 3, 'usual')) {
    if (++read > 5000) break;
    const message = line.slice(line.indexOf(' | ') + 3);
    const byHand = slowRequest(matcher, message);
    if (byHand !== undefined) assert.deepEqual(groupsOf(byHand), groupsOf(matchText(matcher, message, 'text')));
    else assert.ok(!message.includes('took too long'));
  }
});
