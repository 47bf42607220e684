import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyze } from '../../../analyzer/analyze.js';
import { buildCase } from '../../../analyzer/bundle/merge.js';
import { renderHtml, renderMarkdown } from '../../../analyzer/report/index.js';
import type { Report } from '../../../schemas/index.js';
import { firstImbalance } from '../report/page.js';
import { type FakeArtifact, fakeBundle, fakeId } from '../../support/fake-case.js';
import { dataDir, type FakeDataDir } from '../../support/fake-copies.js';

const [a, b, c] = [fakeId(0), fakeId(1), fakeId(2)];
/** What the collector calls a member of which nothing is known: the address it dialled, the same on every node. */
const SEED = 'endpoint-127.0.0.1_2379';

/** What `etcd-collect --data-dir` gives on a node whose member is down. */
const node = (host: string, id: string, dir: FakeDataDir, more: readonly FakeArtifact[] = []) =>
  fakeBundle({
    bundleId: host.repeat(16),
    file: `${host}.tar.gz`,
    vantageHost: host,
    members: [{ name: '', id: SEED, reachable: false, clientUrls: ['http://127.0.0.1:2379'], peerUrls: [] }],
    artifacts: [...dataDir(SEED, { ...dir, node: id }), ...more],
  });

const report = (...bundles: readonly ReturnType<typeof node>[]): Report =>
  analyze(buildCase(bundles), { now: new Date('2026-11-22T10:00:00Z') });

describe('one bundle per node of a dead cluster', () => {
  const three = () =>
    report(
      node('h1', a, { last: 200, commit: 200 }),
      node('h2', b, { last: 190, commit: 190 }),
      node('h3', c, { wal: 'broken' }),
    );

  it('knows the members by their files, although all were dialled at one address', () => {
    const { members, copies, cluster } = three();
    assert.deepEqual(
      members.map(({ id, name }) => [id, name]),
      [
        [a, 'm1'],
        [b, 'm2'],
        [c, 'm3'],
      ],
    );
    assert.deepEqual(
      copies?.rows.map(({ member }) => member.name),
      ['m1', 'm2', 'm3'],
    );
    assert.deepEqual([cluster.voters, cluster.quorum], [3, 2]);
  });

  it('takes the names from the others where one went on alone', () => {
    const alone = { last: 300, commit: 300, voters: [c], removed: [a, b], removals: [a, b] };
    const { members, copies } = report(node('h1', a, {}), node('h2', b, {}), node('h3', c, alone));
    assert.deepEqual(
      members.map(({ name }) => name),
      ['m1', 'm2', 'm3'],
    );
    assert.equal(copies?.rows.at(-1)?.standing, 'detached');
  });

  it('names the cause of a member without a log, and does not recover what can be started', () => {
    const { diagnosis, verdict, copies, actions, doNot } = three();
    const cause = diagnosis.causes.find(({ rule }) => rule === 'wal-corrupt-crc');
    assert.deepEqual(
      cause?.subjects.map(({ name }) => name),
      ['m3'],
    );
    assert.equal(copies?.decision, 'start');
    assert.deepEqual(
      copies?.start.map(({ name }) => name),
      ['m1', 'm2'],
    );
    assert.equal(verdict.recovery.justified, false);
    assert.ok(actions.every(({ tag, command }) => tag !== 'destructive' && command?.startsWith('etcdctl') !== true));
    assert.ok(doNot.some((text) => text.includes('--force-new-cluster')));
  });

  it('asks for the nodes that were not seen, by their peer URL', () => {
    const { copies, members, verdict } = report(node('h1', a, {}));
    assert.equal(members.length, 3, 'the others are members, too');
    assert.equal(copies?.decision, 'cannot-tell');
    assert.equal(verdict.recovery.justified, null);
    assert.deepEqual(
      copies?.nextEvidence.map(({ command }) => /http:\/\/10\.0\.0\.\d/.exec(command ?? '')?.[0]),
      ['http://10.0.0.2', 'http://10.0.0.3', undefined],
    );
  });

  it('says the loss of a recovery honestly', () => {
    const { copies, verdict } = report(
      node('h1', a, { last: 150, commit: 150 }),
      node('h2', b, { last: 190, commit: 190, wal: 'broken', beyond: { last: 240, commit: 230 }, applied: 180 }),
      node('h3', c, { db: 'no-meta' }),
    );
    assert.equal(copies?.decision, 'restore');
    assert.deepEqual(copies?.rows[0]?.lossEntries, { atLeast: '80', atMost: '90' });
    assert.equal(verdict.recovery.justified, true);
    assert.ok(
      copies?.mustNot.some((text) => text.includes('m2') && text.includes('240')),
      copies?.mustNot.join('\n'),
    );
    assert.ok(copies?.mustNot.some((text) => text.includes('only sound copy')));
  });

  it('has no section where no data dir was read', () => {
    const bundle = fakeBundle({ members: ['m1'] });
    assert.equal(analyze(buildCase([bundle]), { now: new Date(0) }).copies, undefined);
  });

  it('is shown in the page and in Markdown, hostile names escaped', () => {
    const odd = '<script>|`&';
    const hostile = report(node('h1', a, { dir: `/${odd}` }), node('h2', b, { wal: 'broken', dir: `/${odd}` }));
    const html = renderHtml(hostile);
    assert.match(html, /Copies of the data/);
    assert.equal(firstImbalance(html), null);
    assert.match(html, />100 \(term 3\)</);
    assert.ok(!html.includes('<script>'));
    const markdown = renderMarkdown(hostile);
    assert.match(markdown, /## Copies of the data/);
    assert.ok(!markdown.includes('<script>'));
    for (const text of ['damaged', 'Cannot be told yet'])
      assert.ok(html.includes(text) && markdown.includes(text), text);
  });
});
