/** Whole reports of captured bundles: against ground truth, and against the committed golden report. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { renderHtml, renderMarkdown } from '../../analyzer/index.js';
import { packageRoot } from '../../schemas/index.js';
import { score } from '../lab/accuracy/score.js';
import { analyseFixture, type GroundTruth, goldenOf } from './fixture.js';

const bundles = join(packageRoot, 'fixtures', 'bundles');

for (const id of readdirSync(bundles).sort()) {
  describe(id, () => {
    const truth = JSON.parse(readFileSync(join(bundles, id, 'truth.json'), 'utf8')) as GroundTruth;

    test('the diagnosis is the truth', async () => {
      const report = await analyseFixture(id);
      // The node of the member concerned sees as much as all nodes together, an outsider maybe less.
      const mode = truth.targets.length === 0 || truth.targets.includes(truth.node) ? 'all' : 'one';
      const scored = score(report, { truth: truth.truth, targets: truth.targets, mode });
      assert.deepEqual(
        { top1: scored.scores.top1, member: scored.scores.member === false, verdict: scored.scores.verdict },
        { top1: true, member: false, verdict: true },
        JSON.stringify(scored.said),
      );
      assert.deepEqual(scored.falseAlarms, []);
      assert.ok(
        report.provenance.bundles.every((bundle) => bundle.intact),
        'hashes and schemas hold',
      );
      assert.deepEqual(
        report.outcomes.filter((outcome) => outcome.outcome === 'error'),
        [],
        'no rule breaks',
      );
    });

    test('the report is the golden one, and the same each time', async () => {
      const report = await analyseFixture(id);
      const golden = JSON.parse(readFileSync(join(bundles, id, 'report.json'), 'utf8')) as unknown;
      assert.deepEqual(goldenOf(report), golden, 'run `npm run update:golden` and look at what changed');
      assert.deepEqual(await analyseFixture(id), report);
    });

    test('it renders', async () => {
      const report = await analyseFixture(id);
      const html = renderHtml(report);
      assert.ok(
        !/<script/i.test(html) &&
          html.includes(
            report.verdict.kind === 'healthy' ? 'No fault found' : (report.diagnosis.causes[0]?.title ?? ''),
          ),
      );
      assert.ok(Buffer.byteLength(renderMarkdown(report)) < 60_000);
    });
  });
}
