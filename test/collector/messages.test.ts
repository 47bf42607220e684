import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessMap } from '../../collector/access.js';
import { explain, isReasonCode, reasonCodes } from '../../collector/messages.js';
import { createProgress } from '../../collector/progress.js';
import type { ManifestItem } from '../../collector/store-item.js';
import { validate } from '../../schemas/index.js';
import { fakeMember, memberIds } from './fake-wiring.js';

test('every reason says what happened, what it means and what to do, in plain text of its own', () => {
  const texts = new Set<string>();
  for (const code of reasonCodes) {
    const { happened, means, next } = explain(code);
    for (const text of [happened, means, next]) assert.match(text, /^[a-z][\x20-\x7e]*[^.]$/i);
    texts.add(happened);
  }
  assert.equal(texts.size, reasonCodes.length, 'two reasons share a text');
  assert.ok(!isReasonCode('toString'));
});

const item = (kind: string, state: ManifestItem['state'], reason?: string): ManifestItem => ({
  id: `${kind}@x`,
  probe: kind,
  kind,
  target: { kind: 'member', id: memberIds[0] },
  state,
  ...(reason === undefined ? {} : { reason }),
  paths: [],
  sensitivity: 'public',
  cost: 'cheap',
});

test('access map: what was read, what was denied by what, who can supply it', () => {
  const map = accessMap(
    [
      item('endpoint-status', 'ok'),
      item('hashkv', 'denied', 'permission-denied'),
      item('server-log', 'not-applicable', 'not-local'),
      item('livez', 'unsupported', 'not-supported-by-server'),
    ],
    [fakeMember(0)],
  );
  assert.ok(validate('access-map', map).ok);
  assert.deepEqual(
    map.entries.map(({ access, deniedBy, kinds }) => [access, deniedBy, kinds]),
    [
      ['full', undefined, ['endpoint-status']],
      ['none', 'permission', ['hashkv']],
      ['none', 'absence', ['server-log']],
    ],
  );
  const elsewhere = map.entries.find(({ kinds }) => kinds.includes('server-log'));
  assert.match(elsewhere?.command ?? '', /--endpoints http:\/\/10\.0\.0\.1:2379/);
});

const collectLines = (mode: 'auto' | 'json' | 'plain', isTTY: boolean, env: Record<string, string> = {}): string => {
  let text = '';
  const stream = { isTTY, columns: 200, write: (chunk: string) => (text += chunk) };
  const progress = createProgress(mode, stream, env);
  progress.emit({ event: 'discovered', members: [{ id: 'a', name: 'm\u001b[31m1' }] });
  progress.emit({ event: 'planned', items: [{ id: 'x', target: { kind: 'member', id: 'a' } }], rounds: 1 });
  progress.emit({ event: 'item', id: 'x', target: { kind: 'member', id: 'a' }, state: 'timeout' });
  progress.emit({ event: 'round', round: 0, of: 1 });
  progress.emit({ event: 'note', text: 'careful\u0007' });
  progress.close();
  progress.emit({ event: 'note', text: 'late' });
  return text;
};

test('progress: plain lines carry no control character, json is one object per line, late events print nothing', () => {
  const plain = collectLines('auto', false);
  assert.match(plain, /round 1 of 1 {2}m\?\[31m1 1\/1 \(1 missing\)\n/);
  assert.match(plain, /^[\x20-\x7e\n]*$/);
  assert.ok(!plain.includes('late'));
  for (const line of collectLines('json', true).trimEnd().split('\n').slice(0, -1)) {
    assert.equal(typeof (JSON.parse(line) as { event: unknown }).event, 'string');
  }
  assert.ok(collectLines('auto', true).includes('\r'));
  assert.ok(!collectLines('plain', true).includes('\r'));
});
