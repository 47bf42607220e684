import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster-types.js';
import { openLab } from '../cluster/lab.js';
import { repeat } from './repeat.js';

/** `repeat` looks at the lab of a cluster and at nothing else. */
const labOnly = () => {
  const lab = openLab();
  return { lab, cluster: { lab } as Cluster };
};

test('rounds follow each other until stop, which cuts a wait short and lets the round finish', async () => {
  const { lab, cluster } = labOnly();
  const seen: string[] = [];
  const repeating = repeat(cluster, async (wait) => {
    seen.push('begin');
    const goOn = await wait(seen.length < 4 ? 1 : 60_000);
    seen.push(goOn ? 'on' : 'cut');
  });
  while (seen.length < 5) await sleep(5);
  await repeating.stop();
  assert.deepEqual(seen, ['begin', 'on', 'begin', 'on', 'begin', 'cut']);
  lab.end();
});

test('what a round throws is told by stop', async () => {
  const { lab, cluster } = labOnly();
  const repeating = repeat(cluster, () => Promise.reject(new Error('no leader')));
  await sleep(5);
  await assert.rejects(repeating.stop(), /no leader/);
  lab.end();
});

test('a lab that ends ends the rounds, and what its end breaks is no failure', async () => {
  const { lab, cluster } = labOnly();
  let rounds = 0;
  const repeating = repeat(cluster, async () => {
    rounds += 1;
    await sleep(20);
    if (rounds === 2) {
      lab.end();
      throw new Error('the member is gone');
    }
  });
  await sleep(200);
  assert.equal(rounds, 2);
  await repeating.stop();
});
