import type { ReportEvidence } from '../schemas/index.js';
import type { Confidence } from './finding.js';

/** What a claim with all necessary evidence is worth before the rest is weighed: `direct` = the server or kernel says so itself. */
export type Basis = 'direct' | 'inferred';

const start: Record<Basis, number> = { direct: 0.85, inferred: 0.65 };

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/**
 * Confidence from the evidence of one claim, 0.05..0.99.
 * Unknown necessary evidence costs in proportion to its share; supporting evidence adds when seen and costs a little
 * when looked for and not found; contradicting evidence costs most unless the rule answers it, and its checked absence adds a little.
 * The weights are this project's own and are judged by the accuracy benchmark.
 */
export const confidenceOf = (evidence: readonly ReportEvidence[], basis: Basis): Confidence => {
  const of = (weight: ReportEvidence['weight'], state: ReportEvidence['state']): ReportEvidence[] =>
    evidence.filter((item) => item.weight === weight && item.state === state);
  const necessary = evidence.filter((item) => item.weight === 'necessary').length;
  const unknownShare = necessary === 0 ? 0 : of('necessary', 'unknown').length / necessary;
  const against = of('contradicting', 'present');
  const answered = against.filter((item) => item.answer !== undefined).length;
  const score = clamp(
    start[basis] -
      0.4 * unknownShare +
      Math.min(0.24, 0.08 * of('supporting', 'present').length) -
      Math.min(0.15, 0.04 * of('supporting', 'absent').length) -
      0.2 * (against.length - answered) -
      0.04 * answered +
      Math.min(0.06, 0.03 * of('contradicting', 'absent').length),
    0.05,
    0.99,
  );
  return { level: score >= 0.75 ? 'high' : score >= 0.5 ? 'medium' : 'low', score: Math.round(score * 100) / 100 };
};
