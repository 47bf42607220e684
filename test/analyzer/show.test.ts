import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { packageRoot } from '../../schemas/index.js';
import { type AnalyzerRun, runAnalyzer } from '../support/analyzer-run.js';

const bundleOf = (fixture: string): string => join(packageRoot, 'fixtures', 'bundles', fixture, 'bundle');
const slow = bundleOf('slow-fsync-leader-3.5');

const run = (...args: string[]): Promise<AnalyzerRun> => runAnalyzer(args);
const rowsOf = (out: string): string[][] =>
  out
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );

describe('show', () => {
  it('status has the columns of etcdctl and a row for each member', async () => {
    const [titles = [], ...rows] = rowsOf((await run('show', 'status', slow)).out);
    for (const title of [
      'ENDPOINT',
      'ID',
      'VERSION',
      'DB SIZE',
      'IS LEADER',
      'IS LEARNER',
      'RAFT TERM',
      'RAFT INDEX',
      'RAFT APPLIED INDEX',
      'ERRORS',
    ])
      assert.ok(titles.includes(title), title);
    assert.equal(rows.length, 3);
    assert.equal(rows.filter((row) => row[titles.indexOf('IS LEADER')] === 'true').length, 1);
  });
  it('status tells who did not answer', async () => {
    const [titles = [], ...rows] = rowsOf((await run('show', 'status', bundleOf('dead-follower-3.6'))).out);
    assert.equal(rows.filter((row) => row[titles.indexOf('ERRORS')] === 'no answer').length, 1);
  });
  it('members, for one member alone', async () => {
    const rows = JSON.parse((await run('show', 'members', '--member', 'm2', '--json', slow)).out);
    assert.deepEqual(
      rows.map(({ name }: { name: string }) => name),
      ['m2'],
    );
    assert.match(rows[0].peerUrls[0], /^http:/);
  });
  it('alarms of a full quota', async () => {
    assert.match((await run('show', 'alarms', bundleOf('nospace-3.4'))).out, /NOSPACE/);
    assert.match((await run('show', 'alarms', slow)).out, /No alarm is armed/);
  });
  it('a counter, with its growth', async () => {
    const [, ...rows] = rowsOf((await run('show', 'metrics', 'etcd_server_proposals_applied_total', slow)).out);
    assert.equal(rows.length, 3);
    for (const [, , first = '', last = '', delta = ''] of rows)
      assert.equal(Number(delta), Number(last) - Number(first));
  });
  it('a histogram: the slow member stands out', async () => {
    const { out } = await run('show', 'metrics', 'etcd_disk_wal_fsync_duration_seconds', '--json', slow);
    const parts = JSON.parse(out) as { member: string; inWindow: { count: number; sumMs: number } }[];
    const mean = (name: string): number => {
      const part = parts.find(({ member }) => member === name);
      return (part?.inWindow.sumMs ?? 0) / (part?.inWindow.count ?? 1);
    };
    assert.ok(mean('m2') > 10 * mean('m1'));
  });
  it('names of metrics without one, and what is near a wrong one', async () => {
    assert.match((await run('show', 'metrics', slow)).out, /etcd_server_has_leader/);
    const { code, err } = await run('show', 'metrics', 'etcd_server_has_leaders', slow);
    assert.equal(code, 2);
    assert.match(err, /etcd_server_has_leader/);
  });
  it('logs, narrowed by signature, member and time', async () => {
    const lines = async (...more: string[]): Promise<{ member: string; signature?: string; time: string }[]> =>
      JSON.parse((await run('show', 'logs', '--json', ...more, slow)).out);
    const all = await lines();
    const late = await lines('--grep', 'leader-heartbeat-late');
    assert.ok(late.length > 0 && late.length < all.length);
    assert.ok(late.every(({ signature }) => signature === 'leader-heartbeat-late'));
    assert.deepEqual(await lines('--around', '2020-01-01T00:00:00Z'), []);
    assert.ok((await lines('--around', late[0]?.time ?? '')).length > 0);
  });
  it('items: every planned read has its state', async () => {
    const items = JSON.parse((await run('show', 'items', '--json', bundleOf('quorum-lost-3.5'))).out) as {
      state: string;
    }[];
    assert.ok(items.some(({ state }) => state === 'unreachable'));
    assert.ok(items.some(({ state }) => state === 'ok'));
  });
  it('config, with what differs', async () => {
    assert.match((await run('show', 'config', slow)).out, /\| heartbeat-interval +\| +100 \|/);
  });
  const refused: [string, string[], RegExp][] = [
    ['an unknown table', ['show', 'nothing', slow], /use status/],
    ['no bundle', ['show', 'status'], /No bundle/],
    ['an unknown member', ['show', 'status', '--member', 'm9', slow], /m1, m2, m3/],
    ['a time that is none', ['show', 'logs', '--around', 'noon', slow], /no time/],
  ];
  for (const [what, args, message] of refused)
    it(`2 for ${what}`, async () => {
      const { code, err } = await run(...args);
      assert.equal(code, 2);
      assert.match(err, message);
    });
});

describe('schema', () => {
  it('lists and prints schemas', async () => {
    assert.match((await run('schema')).out, /^report$/m);
    assert.equal(JSON.parse((await run('schema', 'report')).out).type, 'object');
    assert.equal((await run('schema', '../package')).code, 2);
  });
});
