import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actions } from '../../../analyzer/assemble/actions.js';
import type { ReportFinding, ReportStep } from '../../../schemas/index.js';

const cause = (rule: string, remedy: readonly ReportStep[]): ReportFinding => ({
  rule,
  title: rule,
  category: 'raft',
  role: 'cause',
  severity: 'critical',
  when: 'now',
  confidence: { level: 'high', score: 0.9 },
  message: rule,
  why: 'because',
  owner: 'operator',
  subjects: [],
  evidence: [],
  contradictedBy: [],
  explains: [],
  alternatives: [],
  wouldDisprove: [],
  nextEvidence: [],
  remedy: [...remedy],
  doNot: [],
});

const first = cause('first', [
  { text: 'look', tag: 'read-only', command: 'look' },
  { text: 'start', tag: 'restarts', command: 'start' },
  { text: 'copy', tag: 'read-only', command: 'copy' },
  { text: 'rebuild', tag: 'destructive' },
]);

test('steps of other causes stand before the first riskier one; the first cause keeps its order', () => {
  const other = cause('other', [{ text: 'test the network', tag: 'read-only', command: 'ping' }]);
  assert.deepEqual(
    actions([first, other]).actions.map(({ text }) => text),
    ['look', 'test the network', 'start', 'copy', 'rebuild'],
  );
});

test('a step whose command is already asked for is not asked for again', () => {
  const other = cause('other', [{ text: 'look again', tag: 'read-only', command: 'look; and more   # on its node' }]);
  assert.deepEqual(
    actions([first, other]).actions.map(({ text }) => text),
    ['look', 'start', 'copy', 'rebuild'],
  );
});
