/** `npm run update:golden`: rewrites the golden reports and prints what changed, per rule. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot, type Report } from '../schemas/index.js';
import { analyseFixture, goldenOf } from '../test/golden/fixture.js';

const bundles = join(packageRoot, 'fixtures', 'bundles');

const outcomes = (report: Partial<Report>): Map<string, string> => {
  const map = new Map((report.outcomes ?? []).map((outcome) => [outcome.rule, outcome.outcome as string]));
  for (const role of ['causes', 'symptoms', 'risks', 'notices'] as const) {
    for (const f of report.diagnosis?.[role] ?? [])
      map.set(
        f.rule,
        `${f.role} ${f.severity} ${f.confidence.score} on ${f.subjects.map((s) => s.name ?? s.id).join(', ')}`,
      );
  }
  return map;
};

for (const id of readdirSync(bundles).sort()) {
  const file = join(bundles, id, 'report.json');
  const old = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Report>) : {};
  const report = goldenOf(await analyseFixture(id)) as Report;
  const text = `${JSON.stringify(report, null, 1)}\n`;
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  writeFileSync(file, text);
  process.stdout.write(`${id}: ${old.verdict?.kind ?? 'new'} -> ${report.verdict.kind}\n`);
  const before = outcomes(old);
  for (const [rule, now] of outcomes(report)) {
    if (before.get(rule) !== now) process.stdout.write(`  ${rule}: ${before.get(rule) ?? '-'} -> ${now}\n`);
  }
}
