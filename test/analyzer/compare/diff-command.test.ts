import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Diff, Report } from '../../../schemas/index.js';
import { packageRoot } from '../../../schemas/index.js';
import { type AnalyzerRun, runAnalyzer } from '../../support/analyzer-run.js';
import { packedFixture, threeDaysLater } from '../../support/fixture-pairs.js';

const now = () => new Date('2026-12-01T00:00:00Z');
const run = (...args: readonly string[]): Promise<AnalyzerRun> => runAnalyzer(args, { now });

const fixture = (id: string): string => join(packageRoot, 'fixtures', 'bundles', id, 'bundle');

describe('etcd-analyze diff', () => {
  let directory = '';
  let later = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'etcd-diff-'));
    later = join(directory, 'later.tar.gz');
    await writeFile(later, packedFixture('healthy-3.4', threeDaysLater));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it('ends with 0 when nothing relevant has changed, and with 4 when something has', async () => {
    const same = await run('diff', fixture('healthy-3.4'), later);
    assert.equal(same.code, 0, same.err);
    assert.match(same.out, /^# Nothing relevant has changed/);
    const other = await run('diff', '--any-cluster', fixture('healthy-3.4'), fixture('slow-fsync-leader-3.5'));
    assert.equal(other.code, 4);
    assert.match(other.out, /WAL fsync/);
  });
  it('writes all its forms', async () => {
    const { code } = await run('diff', '-f', 'html,json', '-o', `${directory}/`, fixture('healthy-3.4'), later);
    assert.equal(code, 0);
    assert.match(await readFile(join(directory, 'later.diff.html'), 'utf8'), /<h1/);
    const diff = JSON.parse(await readFile(join(directory, 'later.diff.json'), 'utf8')) as Diff;
    assert.equal(diff.sameCluster, true);
    assert.equal((await run('diff', '-o', later, fixture('healthy-3.4'), later)).code, 2);
  });
  it('refuses bundles of different clusters, and says what to do', async () => {
    for (const args of [
      ['diff', fixture('healthy-3.4'), fixture('slow-fsync-leader-3.5')],
      ['--baseline', fixture('healthy-3.4'), fixture('slow-fsync-leader-3.5')],
      [fixture('healthy-3.4'), fixture('slow-fsync-leader-3.5')],
    ]) {
      const { code, err, out } = await run(...args);
      assert.equal(code, 2, args.join(' '));
      assert.match(err, /of different clusters/);
      assert.match(err, /--any-cluster/);
      assert.equal(out, '');
    }
  });
  it('wants two bundles, or a baseline', async () => {
    assert.match((await run('diff', later)).err, /takes two bundles, the good one first/);
    assert.equal((await run('diff', later, later, later)).code, 2);
    assert.equal((await run('diff', '--baseline', later, later)).code, 0);
  });
  it('adds the comparison to a report with --baseline', async () => {
    const { code, out } = await run('--baseline', fixture('healthy-3.4'), '-f', 'json', later);
    assert.equal(code, 0);
    assert.equal((JSON.parse(out) as Report).comparison?.changed, false);
    assert.equal((JSON.parse((await run('-f', 'json', later)).out) as Report).comparison, undefined);
  });
});
