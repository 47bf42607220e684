import { join } from 'node:path';
import { analyze } from '../../analyzer/analyze.js';
import { buildCase, readBundle } from '../../analyzer/bundle/index.js';
import { packageRoot, type Report } from '../../schemas/index.js';

export interface GroundTruth {
  readonly scenario: string;
  readonly title: string;
  readonly verdict: Report['verdict']['kind'];
  readonly causes: readonly string[];
  readonly member?: string;
}

/** Analyses `fixtures/bundles/<id>/bundle` at the time it was collected. */
export const analyseFixture = async (id: string): Promise<Report> => {
  const bundle = await readBundle({ path: join(packageRoot, 'fixtures', 'bundles', id, 'bundle') });
  const input = buildCase([bundle]);
  return analyze(input, { now: new Date(input.collection.to) });
};

/** The part of a report that is kept as golden: all of it but the provenance, whose paths and version numbers change with each release. */
export const goldenOf = (report: Report): unknown => {
  const { provenance: _, tool: __, ...rest } = report;
  return JSON.parse(JSON.stringify(rest)) as unknown;
};
