import type { Report, ReportFinding } from '../../schemas/index.js';
import { cleanReport } from './clean.js';

/** XML 1.0 cannot hold most control characters at all, escaped or not. */
const xml = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
    .replace(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/\n/g, '&#10;');

type Outcome = Report['outcomes'][number];

const reasonOf = ({ reason, coverage }: Outcome): string =>
  xml(reason ?? `${coverage.observed} of ${coverage.total} ${coverage.unit} observed`);

const evidenceText = ({ evidence, contradictedBy }: ReportFinding): string =>
  [...evidence.filter(({ state }) => state === 'present'), ...contradictedBy]
    .map(({ weight, text, observed }) => `${weight}: ${text}${observed === undefined ? '' : ` (${observed})`}`)
    .join('\n');

const failureOf = (finding: ReportFinding): string =>
  `<failure type="${xml(finding.severity)}" message="${xml(finding.message)}">${xml(evidenceText(finding))}</failure>`;

const caseOf = (outcome: Outcome, faults: readonly ReportFinding[], others: readonly ReportFinding[]): string => {
  const open = `<testcase classname="etcd.${xml(outcome.category)}" name="${xml(outcome.rule)}: ${xml(outcome.title)}"`;
  const noted =
    others.length === 0
      ? ''
      : `<system-out>${xml(others.map(({ role, message }) => `${role}: ${message}`).join('\n'))}</system-out>`;
  if (faults.length > 0) return `${open}>${failureOf(faults[0] as ReportFinding)}${noted}</testcase>`;
  if (outcome.outcome === 'error') return `${open}><error message="${reasonOf(outcome)}"/>${noted}</testcase>`;
  if (outcome.outcome === 'inconclusive' || outcome.outcome === 'not-applicable')
    return `${open}><skipped message="${outcome.outcome}: ${reasonOf(outcome)}"/>${noted}</testcase>`;
  return noted === '' ? `${open}/>` : `${open}>${noted}</testcase>`;
};

/**
 * JUnit XML, one test case per rule: a cause or symptom of severity warning or above fails it; risks and notices are output of a case
 * that passes; a rule that could not decide is skipped with its reason.
 */
export const renderJunit = (original: Report): string => {
  const report = cleanReport(original);
  const { causes, symptoms, risks, notices } = report.diagnosis;
  const isFault = ({ severity }: ReportFinding): boolean => severity !== 'info';
  const folded = causes.flatMap(({ explains }) => explains.map(({ rule }) => rule));
  const categories = [...new Set(report.outcomes.map(({ category }) => category))].sort();
  const suites = categories.map((category) => {
    const outcomes = report.outcomes.filter((outcome) => outcome.category === category);
    const cases = outcomes.map((outcome) => {
      const of = (all: readonly ReportFinding[]): ReportFinding[] => all.filter(({ rule }) => rule === outcome.rule);
      const main = of([...causes, ...symptoms]);
      return caseOf(outcome, main.filter(isFault), [
        ...main.filter((each) => !isFault(each)),
        ...of([...risks, ...notices]),
      ]);
    });
    const count = (tag: string): number => cases.filter((text) => text.includes(`<${tag}`)).length;
    return `  <testsuite name="etcd.${xml(category)}" tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" timestamp="${xml(report.generatedAt.slice(0, 19))}">\n${cases.map((text) => `    ${text}`).join('\n')}\n  </testsuite>`;
  });
  const properties = `  <!-- verdict: ${xml(report.verdict.kind)}; symptoms folded under causes: ${folded.length} -->`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="etcd-analyze">\n${properties}\n${suites.join('\n')}\n</testsuites>\n`;
};
