import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planTable, wrap } from '../../../collector/cli/plan-table.js';
import { hereOf, type PlannedRead } from '../../../collector/here.js';

const read = (id: string, probe: string, over: Partial<PlannedRead> = {}): PlannedRead => ({
  id: `${probe}@${id}#${over.round ?? 0}`,
  probe,
  target: { kind: 'member', id },
  reads: probe,
  source: probe,
  sensitivity: 'internal',
  permission: 'root, or read access to the log (group systemd-journal or adm for the journal), or something as long',
  impact: 'read-only',
  cost: 'cheap',
  timeoutMs: 5000,
  here: 'unknown',
  ...over,
});

test('the plan fits 120 columns, and targets with the same reads share a table in order of names', () => {
  const ids = ['8e9e05c52164694d', 'fd422379fda50e48', '91bc3c398fb3c146'];
  const items = ids.flatMap((id) => [read(id, 'metrics', { round: 0 }), read(id, 'metrics', { round: 1 })]);
  const names = new Map([
    ['8e9e05c52164694d', 'm10'],
    ['fd422379fda50e48', 'm2'],
    ['91bc3c398fb3c146', 'm1'],
  ]);
  const text = planTable([...items, read('cluster', 'alarm-list', { here: 'no' })], names);
  for (const line of text.split('\n')) assert.ok(line.length <= 120, line);
  assert.equal(text.match(/metrics/g)?.length, 1);
  assert.match(text, /m1 .*m2 .*m10 /);
  assert.match(text, /2 rounds/);
  assert.match(text, /alarm-list .* no /);
});

test('words longer than a line stay whole', () => {
  assert.deepEqual(wrap('a bb ccccccc d', 4), ['a bb', 'ccccccc', 'd']);
});

test('what this vantage may read is said only where it is known', () => {
  const member = { kind: 'member' as const, id: '8e9e05c52164694d' };
  const at = { uid: 1000, answered: new Set([member.id]), owners: new Map([[member.id, 0]]) };
  const local = (permission: string) => ({ side: 'local' as const, target: member, permission });
  const remote = (permission: string) => ({ side: 'remote' as const, target: member, permission });
  assert.equal(hereOf(local('none'), at), 'yes');
  assert.equal(hereOf(local('root or the user of etcd'), at), 'no');
  assert.equal(hereOf(local('root or the user of etcd'), { ...at, uid: 0 }), 'yes');
  assert.equal(hereOf(local('root or the user of etcd'), { ...at, owners: new Map([[member.id, 1000]]) }), 'yes');
  assert.equal(hereOf(local('root for some; anyone for the rest'), at), 'partly');
  assert.equal(hereOf(local('read access to the certificate files'), at), 'unknown');
  assert.equal(hereOf(remote('none'), at), 'yes');
  assert.equal(hereOf(remote('none'), { ...at, answered: new Set() }), 'unknown');
  assert.equal(hereOf(remote('root role when authentication is on'), at), 'unknown');
});
