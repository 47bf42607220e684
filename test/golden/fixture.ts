import { join } from 'node:path';
import { analyze } from '../../analyzer/analyze.js';
import { buildCase, readBundle } from '../../analyzer/bundle/index.js';
import { packageRoot, type Report } from '../../schemas/index.js';
import type { Truth } from '../lab/truth.js';

/** `truth.json`: what was really done to the cluster, and whose node the bundle is from. */
export interface GroundTruth {
  readonly scenario: string;
  readonly title: string;
  readonly line: string;
  readonly node: string;
  /** Names of the members it was done to. */
  readonly targets: readonly string[];
  readonly truth: Truth;
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
