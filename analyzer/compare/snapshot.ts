import type { Report } from '../../schemas/index.js';
import type { Case } from '../bundle/case.js';
import type { Facts } from '../fact.js';

/** One side of a comparison: a case, its facts and what the analysis made of it. */
export interface Snapshot {
  readonly case: Case;
  readonly facts: Facts;
  readonly report: Report;
}
