import { type Diff, type DiffChange, type Report, type ReportFinding, validate } from '../../schemas/index.js';

/** Latencies that speak for a category of causes. */
const speaksFor: Readonly<Record<string, readonly string[]>> = {
  storage: ['walFsync', 'backendCommit'],
  resources: ['walFsync', 'backendCommit'],
  network: ['rtt'],
};

const metricOf = ({ id }: DiffChange): string => id.split('/')[1] ?? '';

/** A finding with the shifts of its own members as further evidence. Its confidence stays: the rules decided without the baseline. */
const withEvidence = (finding: ReportFinding, shifts: readonly DiffChange[], diff: Diff): ReportFinding => {
  const wanted = speaksFor[finding.category] ?? [];
  const own = shifts.filter(
    (shift) =>
      wanted.includes(metricOf(shift)) &&
      shift.subjects.some(({ id }) =>
        finding.subjects.some((subject) => subject.kind === 'member' && subject.id === id),
      ),
  );
  if (own.length === 0) return finding;
  return {
    ...finding,
    evidence: [
      ...finding.evidence,
      ...own.map((shift): ReportFinding['evidence'][number] => ({
        weight: 'supporting',
        state: 'present',
        text: `${shift.title} is slower than in the baseline (${shift.before ?? 'none'})`,
        observed: shift.after ?? '',
        ...(shift.subjects[0] === undefined ? {} : { subject: shift.subjects[0] }),
        source: diff.current.bundles.slice(0, 1).map((bundle) => ({ artifact: 'metrics', bundle })),
      })),
    ],
  };
};

/** The report with its comparison, and the shifts found as evidence of the causes and symptoms that they belong to. */
export const withComparison = (report: Report, diff: Diff): Report => {
  const shifts = diff.changes.filter(
    ({ area, direction, significance }) => area === 'latency' && direction === 'worse' && significance !== 'info',
  );
  const enriched = (list: readonly ReportFinding[]): ReportFinding[] =>
    list.map((finding) => withEvidence(finding, shifts, diff));
  const { causes, symptoms } = report.diagnosis;
  const whole: Report = {
    ...report,
    diagnosis: { ...report.diagnosis, causes: enriched(causes), symptoms: enriched(symptoms) },
    comparison: diff,
  };
  const checked = validate('report', whole);
  if (!checked.ok) throw new Error(`the report does not fit its schema: ${checked.errors.join('; ')}`);
  return checked.value;
};
