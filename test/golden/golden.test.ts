/** Whole reports of captured bundles: against ground truth, and against the committed golden report. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { renderHtml, renderMarkdown } from '../../analyzer/index.js';
import { packageRoot } from '../../schemas/index.js';
import { analyseFixture, type GroundTruth, goldenOf } from './fixture.js';

const bundles = join(packageRoot, 'fixtures', 'bundles');

for (const id of readdirSync(bundles).sort()) {
  describe(id, () => {
    const truth = JSON.parse(readFileSync(join(bundles, id, 'truth.json'), 'utf8')) as GroundTruth;

    test('the diagnosis is the truth', async () => {
      const report = await analyseFixture(id);
      const said = report.diagnosis.causes
        .map((cause) => `${cause.rule} (${cause.subjects.map((s) => s.name ?? s.id).join(', ')})`)
        .join('; ');
      assert.equal(report.verdict.kind, truth.verdict, said);
      if (truth.causes.length === 0)
        assert.deepEqual(
          report.diagnosis.causes.map((cause) => cause.rule),
          [],
        );
      else assert.ok(truth.causes.includes(report.diagnosis.causes[0]?.rule ?? ''), `first cause of: ${said}`);
      if (truth.member !== undefined)
        assert.ok(
          report.diagnosis.causes[0]?.subjects.some((subject) => subject.name === truth.member),
          `${truth.member} in: ${said}`,
        );
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
