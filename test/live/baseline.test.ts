import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diff } from '../../schemas/index.js';
import { startCluster } from '../lab/cluster/cluster.js';
import { putLoad } from '../lab/faults/index.js';
import { collect, line, program } from './harness.js';

/** What a machine that is shared may change between two collections of a healthy cluster. */
const ofTheMoment: readonly Diff['changes'][number]['area'][] = ['latency', 'load', 'finding', 'log', 'size'];

test('two collections of one cluster: nothing but the moment differs; then a restart with another setting is found', {
  timeout: 120_000,
}, async (t) => {
  const cluster = await startCluster({ version: line, size: 3 });
  t.after(() => cluster.dispose());
  const load = await putLoad(cluster, { clients: 2, valueBytes: 256, seconds: 60, rate: 40 });
  t.after(() => load.stop());
  const good = await collect(t, cluster);
  const again = await collect(t, cluster);
  const compared = async (now: string): Promise<{ readonly code: number | null; readonly diff: Diff }> => {
    const ran = await program('analyzer', ['diff', good.bundle, now, '--format', 'json']);
    return { code: ran.code, diff: JSON.parse(ran.stdout) as Diff };
  };
  const lasting = ({ changes }: Diff): string[] =>
    changes
      .filter(({ area, significance }) => significance !== 'info' && !ofTheMoment.includes(area))
      .map(({ id, text }) => `${id}: ${text}`);

  const same = await compared(again.bundle);
  t.diagnostic(`${same.diff.changes.map(({ significance, text }) => `${significance} ${text}`).join(' ') || 'equal'}`);
  assert.equal(same.diff.sameCluster, true);
  assert.deepEqual(lasting(same.diff), []);
  assert.ok(same.diff.members.every(({ status, process }) => status === 'same' && process === 'same'));
  assert.equal(same.code, same.diff.changed ? 4 : 0);

  const member = cluster.member(1);
  await member.stop('SIGTERM');
  await member.start({ flags: ['--max-request-bytes=3145728'] });
  const later = await compared((await collect(t, cluster)).bundle);
  assert.equal(later.code, 4);
  assert.deepEqual(
    later.diff.members.map(({ name, process }) => [name, process]),
    [
      ['m1', 'same'],
      ['m2', 'restarted'],
      ['m3', 'same'],
    ],
  );
  assert.deepEqual(
    later.diff.changes
      .filter(({ area }) => area === 'configuration')
      .map(({ title, subjects, after }) => [title, subjects.map(({ name }) => name), after]),
    [['--max-request-bytes', ['m2'], '3145728']],
  );
});
