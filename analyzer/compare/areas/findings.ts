import type { DiffChange, DiffSubject, Report, ReportFinding } from '../../../schemas/index.js';
import { byText } from '../../facts/access.js';
import { type AreaResult, clusterSubject, type Comparison, notebook } from '../change.js';
import { labelOf } from '../match.js';

const groups = ['causes', 'symptoms', 'risks'] as const;

/** Findings of a report, what is folded under a cause not told again. */
const findingsOf = ({ diagnosis }: Report): readonly ReportFinding[] => groups.flatMap((group) => diagnosis[group]);

const significanceOf = ({ role, severity, when }: ReportFinding): DiffChange['significance'] => {
  if (severity === 'info') return 'info';
  if (role === 'risk') return severity === 'critical' ? 'medium' : 'low';
  if (when === 'past') return 'low';
  return severity === 'warning' ? 'medium' : 'high';
};

/** What the diagnosis says now and did not say then, and the other way round; a rule that could not decide makes neither. */
export const findings = (input: Comparison): AreaResult => {
  const notes = notebook();
  const [then, now] = [input.before.report, input.after.report];
  /** Id of a subject as of now. */
  const canonical = ({ kind, id }: { readonly kind: string; readonly id: string }): string => {
    const pair = kind === 'member' ? input.pairs.find(({ before }) => before?.id === id) : undefined;
    return pair?.after?.id ?? id;
  };
  const keyOf = (finding: ReportFinding): string =>
    `${finding.rule}/${finding.subjects
      .filter(({ kind }) => kind !== 'host')
      .map(canonical)
      .sort(byText)
      .join('+')}`;
  const members = [...input.after.case.members, ...input.before.case.members];
  const subjectsOf = (
    finding: ReportFinding,
  ): { readonly subject: DiffSubject; readonly others: readonly DiffSubject[] } => {
    const [subject, ...others] = finding.subjects.flatMap(({ kind, id, name }): DiffSubject[] =>
      kind === 'member' || kind === 'host'
        ? [{ kind, id, name: name ?? (labelOf(members.find((member) => member.id === id)) || id) }]
        : [],
    );
    return { subject: subject ?? clusterSubject, others };
  };
  const [old, fresh] = [then, now].map((report) => new Map(findingsOf(report).map((each) => [keyOf(each), each]))) as [
    Map<string, ReportFinding>,
    Map<string, ReportFinding>,
  ];
  const foldedIn = (report: Report): Set<string> =>
    new Set(report.diagnosis.causes.flatMap(({ explains }) => explains.map(({ rule }) => rule)));
  const [oldFolded, newFolded] = [foldedIn(then), foldedIn(now)];
  const outcome = (report: Report, rule: string): string | undefined =>
    report.outcomes.find((each) => each.rule === rule)?.outcome;

  for (const [key, finding] of fresh) {
    if (old.has(key) || oldFolded.has(finding.rule)) {
      notes.unchanged();
      continue;
    }
    const blind = outcome(then, finding.rule) === 'inconclusive';
    if (blind) notes.cannot(finding.title, 'the baseline could not tell: it may have been there already');
    notes.change({
      id: key,
      kind: 'new',
      significance: blind && finding.role === 'risk' ? 'info' : significanceOf(finding),
      direction: 'worse',
      ...subjectsOf(finding),
      title: finding.title,
      text: `New ${finding.role}${blind ? ' (the baseline could not tell)' : ''}: ${finding.message}`,
      before: null,
      after: `${finding.severity}, ${finding.confidence.level} confidence`,
    });
  }
  for (const [key, finding] of old) {
    if (fresh.has(key)) continue;
    if (newFolded.has(finding.rule)) {
      notes.unchanged();
      continue;
    }
    const seen = outcome(now, finding.rule);
    if (seen === 'inconclusive' || seen === 'error') {
      notes.cannot(finding.title, 'found in the baseline, and cannot be told now');
      continue;
    }
    notes.change({
      id: key,
      kind: 'gone',
      significance: 'info',
      direction: 'better',
      ...subjectsOf(finding),
      title: finding.title,
      text: `No longer found: ${finding.message}`,
      before: `${finding.severity}, ${finding.confidence.level} confidence`,
      after: null,
    });
  }
  // Rules with nothing to say both times.
  const silent = now.outcomes.filter(({ rule, outcome: is }) => is === 'pass' && outcome(then, rule) === 'pass').length;
  notes.unchanged(silent);
  return notes.result();
};
