import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { logSignatures } from '../../../analyzer/logs/index.js';
import { countByGrep, writeCorpus } from './corpus.js';

/** A thread that needs more than this ends with ERR_WORKER_OUT_OF_MEMORY; the corpus is several times as large. */
const HEAP_MB = 64;

interface Counted {
  readonly lines: number;
  readonly bytes: number;
  readonly found: Readonly<Record<string, number>>;
  readonly foreign: number;
  readonly damage: readonly string[];
}

async function countInThread(path: string): Promise<Counted> {
  const worker = new Worker(new URL('corpus-worker.js', import.meta.url), {
    workerData: { path, referenceTime: Date.UTC(2026, 10, 24) },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: 16 },
  });
  const [counted] = (await once(worker, 'message')) as [Counted];
  await worker.terminate();
  return counted;
}

const sorted = (counts: Readonly<Record<string, number>>): [string, number][] =>
  Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));

test(`a million lines of all signatures in all forms: none lost, each counted as often as grep counts it, in ${HEAP_MB} MiB of heap`, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'etcd-evidence-corpus-'));
  try {
    const path = join(dir, 'corpus.log');
    const { lines } = await writeCorpus(path, 1_000_000);
    const counted = await countInThread(path);
    assert.ok(lines >= 1_000_000);
    assert.equal(counted.lines, lines);
    const { size } = await stat(path);
    assert.equal(counted.bytes, size);
    assert.ok(size > 2 * HEAP_MB * 2 ** 20);
    assert.deepEqual(counted.damage, []);
    assert.ok(counted.foreign > 0);
    assert.deepEqual(sorted(counted.found), sorted(await countByGrep(path, join(dir, 'marks'))));
    assert.equal(Object.keys(counted.found).length, logSignatures().length);
  } finally {
    await rm(dir, { recursive: true });
  }
});
