import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { analyze } from '../../analyzer/analyze.js';
import { buildCase, readBundle } from '../../analyzer/bundle/index.js';
import { UsageError } from '../../analyzer/commands/flags.js';
import { thresholdOf } from '../../analyzer/knowledge/thresholds.js';
import { readThresholds } from '../../analyzer/thresholds-file.js';
import { packageRoot } from '../../schemas/index.js';

const directory = mkdtempSync(join(tmpdir(), 'thresholds-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const file = (text: string): string => {
  const path = join(directory, 'thresholds.yaml');
  writeFileSync(path, text);
  return path;
};
const withEntry = (entry: string): string =>
  file(`schema: etcd-evidence/thresholds/v1\nthresholds:\n  ${entry}, reason: our own measurements }\n`);

describe('a file of thresholds', () => {
  it('replaces a value and keeps the others', () => {
    const set = readThresholds(withEntry('fsync-slow-ms: { value: 30, unit: ms'));
    assert.equal(set('fsync-slow-ms').value, 30);
    assert.equal(set('fsync-slow-ms').source, 'our own measurements');
    assert.equal(set('fsync-slow-ms').builtIn?.value, thresholdOf('fsync-slow-ms').value);
    assert.deepEqual(set('commit-slow-ms'), thresholdOf('commit-slow-ms'));
  });
  it('may be JSON', () => {
    const json = JSON.stringify({
      schema: 'etcd-evidence/thresholds/v1',
      thresholds: { 'commit-slow-ms': { value: 99, unit: 'ms', reason: 'a reason of ours' } },
    });
    assert.equal(readThresholds(file(json))('commit-slow-ms').value, 99);
  });
  const refused: [string, () => string, RegExp][] = [
    [
      'an unknown id, with what is near it',
      () => withEntry('fsync-slowness-ms: { value: 30, unit: ms'),
      /fsync-slow-ms/,
    ],
    ['another unit', () => withEntry('fsync-slow-ms: { value: 0.03, unit: s'), /is in ms/],
    ['a share above one', () => withEntry('quota-near-share: { value: 95, unit: share'), /at most 1/],
    ['a negative value', () => withEntry('fsync-slow-ms: { value: -1, unit: ms'), /schema/],
    [
      'no reason',
      () => file('schema: etcd-evidence/thresholds/v1\nthresholds: { fsync-slow-ms: { value: 30, unit: ms } }'),
      /reason/,
    ],
    ['another format', () => file('a: 1\n'), /schema/],
    ['no YAML', () => file('a: [1\n'), /neither JSON nor YAML/],
    ['a missing file', () => join(directory, 'nope'), /no such file/],
  ];
  for (const [what, path, message] of refused)
    it(`is refused for ${what}`, () => {
      assert.throws(
        () => readThresholds(path()),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    });
});

describe('an analysis with own thresholds', () => {
  it('judges by them and names their origin', async () => {
    const path = join(packageRoot, 'fixtures', 'bundles', 'slow-fsync-leader-3.5', 'bundle');
    const input = buildCase([await readBundle({ path })]);
    const now = new Date('2026-01-01T00:00:00Z');
    const rules = (report: ReturnType<typeof analyze>): string[] => report.diagnosis.causes.map(({ rule }) => rule);
    assert.ok(rules(analyze(input, { now })).includes('disk-slow-device'));
    const thresholds = readThresholds(withEntry('fsync-slow-ms: { value: 4000, unit: ms'));
    const report = analyze(input, { now, thresholds });
    assert.ok(!rules(report).includes('disk-slow-device'));
    const row = report.thresholds.find(({ id }) => id === 'fsync-slow-ms');
    assert.deepEqual([row?.value, row?.origin, row?.source], ['4000 ms', 'override', 'our own measurements']);
  });
});
