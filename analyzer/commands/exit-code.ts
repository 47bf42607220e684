import type { Report } from '../../schemas/index.js';

export const failLevels = ['critical', 'warning', 'none'] as const;
export type FailOn = (typeof failLevels)[number];

const severitiesOf = (findings: readonly { readonly severity: string }[]): Set<string> =>
  new Set(findings.map((finding) => finding.severity));

/**
 * Exit code of a report: 3 for a critical cause or symptom or `intervene-now`, 8 for `inconclusive`, 4 for lesser ones, else 0.
 * Risks and notices never change it: the end of life of a version does not make a healthy cluster fail. `failOn` leaves out 4
 * (`critical`) or 3 and 4 (`none`).
 */
export const exitCodeOf = (report: Report, failOn: FailOn): number => {
  const faults = severitiesOf([...report.diagnosis.causes, ...report.diagnosis.symptoms]);
  if (failOn !== 'none' && (report.verdict.kind === 'intervene-now' || faults.has('critical'))) return 3;
  if (report.verdict.kind === 'inconclusive') return 8;
  if (failOn === 'warning' && (faults.has('high') || faults.has('warning'))) return 4;
  return 0;
};
