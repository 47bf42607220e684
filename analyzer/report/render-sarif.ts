import type { Report, ReportFinding } from '../../schemas/index.js';
import { cleanReport } from './clean.js';

const levels: Readonly<Record<ReportFinding['severity'], 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  warning: 'warning',
  info: 'note',
};

/** SARIF's kind: what is wrong fails, what could go wrong is for review, the rest informs. */
const kinds: Readonly<Record<string, 'fail' | 'review' | 'informational'>> = {
  cause: 'fail',
  symptom: 'fail',
  risk: 'review',
  notice: 'informational',
};

const MAX_PLACES = 10;

const resultOf = (finding: ReportFinding): object => {
  const places = [
    ...new Map(
      finding.evidence
        .flatMap(({ source }) => source)
        .map((source) => [`${source.path} ${source.pointer ?? ''}`, source]),
    ).values(),
  ]
    .filter(({ path }) => path !== undefined)
    .slice(0, MAX_PLACES);
  const kind = kinds[finding.role] ?? 'informational';
  return {
    ruleId: finding.rule,
    kind,
    // A result that does not fail has no level but "none" (SARIF 2.1.0, 3.27.10).
    level: kind === 'fail' ? levels[finding.severity] : 'none',
    message: { text: finding.message === '' ? finding.title : finding.message },
    locations: [
      {
        logicalLocations: finding.subjects.map(({ kind: what, id, name }) => ({
          name: name ?? id,
          fullyQualifiedName: `${what}/${id}`,
          kind: what,
        })),
      },
    ],
    relatedLocations: places.map(({ path, pointer }, at) => ({
      id: at + 1,
      physicalLocation: { artifactLocation: { uri: encodeURI(path ?? '') } },
      ...(pointer === undefined ? {} : { message: { text: pointer } }),
    })),
    properties: { role: finding.role, severity: finding.severity, confidence: finding.confidence, when: finding.when },
  };
};

/** SARIF 2.1.0: one result per finding, with the places in the bundle that it rests on. */
export const renderSarif = (original: Report): string => {
  const report = cleanReport(original);
  const { causes, symptoms, risks, notices } = report.diagnosis;
  const findings = [...causes, ...symptoms, ...risks, ...notices];
  const rules = [...new Map(findings.map((finding) => [finding.rule, finding])).values()].map((finding) => ({
    id: finding.rule,
    shortDescription: { text: finding.title },
    fullDescription: { text: finding.why },
    help: {
      text: [`etcd-analyze explain ${finding.rule}`, ...finding.remedy.map(({ text }) => `- ${text}`)].join('\n'),
    },
    properties: { category: finding.category },
  }));
  const failed = report.outcomes.filter(({ outcome }) => outcome === 'error');
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: report.tool.name, semanticVersion: report.tool.version, rules } },
        invocations: [
          {
            executionSuccessful: failed.length === 0,
            endTimeUtc: report.generatedAt,
            toolExecutionNotifications: failed.map(({ rule, reason }) => ({
              associatedRule: { id: rule },
              level: 'error',
              message: { text: reason ?? 'the rule failed' },
            })),
          },
        ],
        results: findings.map(resultOf),
        properties: { verdict: report.verdict.kind, headline: report.verdict.headline },
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
};
