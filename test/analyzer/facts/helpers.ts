import assert from 'node:assert/strict';
import type { Observed } from '../../../analyzer/fact.js';
import type { EndpointStatusArtifact } from '../../../schemas/index.js';
import { FAKE_CLUSTER_ID, fakeId } from '../../support/fake-case.js';

/** The value of a fact that must be there. */
export const valueIn = <T>(fact: Observed<T>): T => {
  assert.ok(fact.ok, fact.ok ? '' : fact.missing.reason);
  return fact.value;
};

/** The reason of a fact that must be missing. */
export const reasonOf = (fact: Observed<unknown>): string => {
  assert.ok(!fact.ok, 'expected a gap');
  return fact.missing.reason;
};

/** Status of the nth fake member. */
export const status = (index: number, more: Partial<EndpointStatusArtifact> = {}): EndpointStatusArtifact => ({
  memberId: fakeId(index),
  clusterId: FAKE_CLUSTER_ID,
  revision: '100',
  version: '3.5.16',
  dbSize: '20480',
  dbSizeInUse: '16384',
  leader: fakeId(0),
  raftIndex: '1000',
  raftAppliedIndex: '1000',
  raftTerm: '2',
  errors: [],
  isLearner: false,
  elapsedMs: 2,
  ...more,
});

/** A scrape from metric lines; adds the start of the process. */
export const prom = (lines: Readonly<Record<string, number | string>>, startSeconds = 1_700_000_000): string =>
  `process_start_time_seconds ${startSeconds}\n${Object.entries(lines)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('')}`;
