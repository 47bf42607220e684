import type { Report } from '../../schemas/index.js';
import type { Case } from '../bundle/case.js';
import { logSignatures } from '../knowledge/log-signatures.js';
import { formatThreshold } from '../knowledge/threshold.js';
import type { ThresholdSet } from '../knowledge/threshold-set.js';
import type { ThresholdId } from '../knowledge/thresholds.js';
import type { RuleDefinition } from '../rule.js';

/** Where the report comes from: bundles, rules, signatures. */
export const provenance = (input: Case, rules: number): Report['provenance'] => ({
  bundles: input.bundles.map((bundle) => ({
    bundleId: bundle.id,
    file: bundle.file,
    createdAt: bundle.createdAt,
    collector: `${bundle.collector.name} ${bundle.collector.version}`,
    redaction: bundle.redaction,
    endReason: bundle.endReason,
    intact: bundle.intact,
    problems: [...bundle.problems, ...input.conflicts],
    ...(bundle.vantage === undefined ? {} : { vantage: bundle.vantage.host }),
    ...(bundle.encrypted === true ? { encrypted: true } : {}),
    ...(bundle.signature === undefined ? {} : { signature: bundle.signature }),
  })),
  rules,
  signatures: logSignatures().length,
});

/** Every threshold that a rule declares, with its source. */
export const thresholdsUsed = (rules: readonly RuleDefinition[], thresholds: ThresholdSet): Report['thresholds'] => {
  const ids = [...new Set(rules.flatMap((rule) => rule.thresholds as readonly ThresholdId[]))].sort();
  return ids.map((id) => {
    const threshold = thresholds(id);
    const { builtIn } = threshold;
    return {
      id,
      value: formatThreshold(threshold),
      source: threshold.source,
      origin: builtIn !== undefined ? 'override' : threshold.scalesWith === undefined ? 'built-in' : 'scaled',
      ...(builtIn === undefined ? {} : { builtIn: formatThreshold(builtIn) }),
    };
  });
};
