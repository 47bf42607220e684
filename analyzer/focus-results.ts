import { type Finding, severityRank } from './finding.js';
import type { RuleResult } from './run-rule.js';

/** How loud a result is: causes before everything else, then by severity; nothing found is the least. */
const loudness = ({ findings }: RuleResult): number =>
  Math.max(
    -1,
    ...findings.map(({ role, severity }) => (role === 'cause' || role === 'symptom' ? 10 : 0) + severityRank(severity)),
  );

/**
 * Results over a whole recording, in which those over its worst stretch take the place of quieter ones of the same rule.
 * `over`: the stretch ended long before the recording, so that what it shows is past.
 */
export const withFocus = (
  whole: readonly RuleResult[],
  part: readonly RuleResult[],
  over: boolean,
): readonly RuleResult[] => {
  const inPart = new Map(part.map((result) => [result.outcome.rule, result]));
  return whole.map((result) => {
    const other = inPart.get(result.outcome.rule);
    if (other === undefined || loudness(other) <= loudness(result)) return result;
    const dated = (finding: Finding): Finding => ({ ...finding, when: 'past', urgent: false });
    return over ? { ...other, findings: other.findings.map(dated) } : other;
  });
};
