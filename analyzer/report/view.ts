import type { Report } from '../../schemas/index.js';
import { cleanReport } from './clean.js';
import { bytes, glued, instant, listed, milliseconds, percent, plural, seconds, shortId, words } from './format.js';
import { type ChartLimits, chartLimits } from './limits.js';
import { type Names, namesOf } from './names.js';
import { kubernetesLines } from './view-kubernetes.js';
import { clusterLine, configRows, matrixView, memberView } from './view-cluster.js';
import {
  categoryViews,
  coverageLine,
  type GapView,
  gapViews,
  samplingLine,
  tally,
  targetNames,
} from './view-coverage.js';
import { copiesView } from './view-copies.js';
import { comparisonView } from './view-comparison.js';
import { eventViews } from './view-events.js';
import { findingView, stepView, unrepeated } from './view-findings.js';
import { importedView } from './view-imported.js';
import type { ReportView } from './view-model.js';
import { bundleView, redactionLine, redactionWords, tokensLine } from './view-provenance.js';
import { criterionView, kicker, verdictTones } from './view-verdict.js';

/** What the renderings share: the cleaned report, its names, its limits and the finished view. */
export interface Prepared {
  readonly report: Report;
  readonly names: Names;
  readonly limits: ChartLimits;
  readonly view: ReportView;
}

const SHOWN_ACTIONS = 4;
const SHOWN_MISSING = 6;

const LINK = /^https:\/\/[\w.-]+(?:\/[\w./#?=&%~+-]*)?$/;

const shareOf = (size: string, quota: string): string => {
  const limit = Number(quota);
  return limit > 0 && Number.isFinite(Number(size)) ? percent((Number(size) / limit) * 100) : '';
};

/** Turns a report into all that the templates print; the argument is not changed. */
export const prepare = (original: Report): Prepared => {
  const report = cleanReport(original);
  const names = namesOf(report);
  const limits = chartLimits(report);
  const { verdict, diagnosis, cluster, coverage, provenance } = report;
  const gaps = gapViews(report, names);
  const events = eventViews(report, names);
  const categories = categoryViews(report, names);
  const config = configRows(report, names);
  const wanted = diagnosis.causes.flatMap((cause) => cause.nextEvidence);
  const members = report.members.map((member) => memberView(member, names, limits));
  const group = (id: string, title: string, none: string, findings: Report['diagnosis']['risks']) => ({
    id,
    title,
    none,
    findings: findings.map((finding) => findingView(finding, 0, names)),
  });
  const missing: GapView[] = [
    ...wanted.map(({ what, command }) => ({
      what,
      target: '',
      targetFull: '',
      state: 'wanted',
      tone: 'plain' as const,
      reason: 'would decide between the causes',
      who: '',
      command: command ?? '',
    })),
    ...gaps.filter((gap) => gap.command !== ''),
    ...gaps.filter((gap) => gap.command === ''),
  ];
  const redactions = [...new Set(provenance.bundles.map((bundle) => bundle.redaction))];
  const little = report.outcomes.filter((outcome) => outcome.outcome === 'pass').length < report.outcomes.length / 3;
  const total = cluster.voters + cluster.learners;
  const created = provenance.bundles.map((bundle) => bundle.createdAt).sort((a, b) => a.localeCompare(b, 'en'));
  const view: ReportView = {
    title: `${verdict.headline} – etcd evidence report`,
    kind: verdict.kind,
    tone: verdictTones[verdict.kind],
    kicker: kicker(verdict),
    headline: verdict.headline,
    summary: glued(verdict.summary),
    recovery: verdict.recovery.text,
    calm: verdict.kind === 'healthy',
    inconclusive: verdict.kind === 'inconclusive',
    scope: [
      cluster.clusterIds.length === 0
        ? 'cluster unknown'
        : `cluster ${cluster.clusterIds.slice(0, 3).map(shortId).join(', ')}`,
      total === 0 ? 'no members' : plural(total, 'member'),
      cluster.versions.length === 0 ? 'etcd version unknown' : `etcd ${cluster.versions.slice(0, 4).join(', ')}`,
    ],
    when: [
      created[0] === undefined ? 'no bundle' : `collected ${instant(created[0])}`,
      coverage.rounds > 1 ? `window ${seconds(coverage.windowSeconds)}` : '',
      listed(redactions.map(redactionWords)),
    ].filter((part) => part !== ''),
    first:
      diagnosis.causes[0] === undefined
        ? null
        : unrepeated(findingView(diagnosis.causes[0], 1, names), verdict.summary),
    otherCauses: diagnosis.causes.slice(1).map((cause, index) => findingView(cause, index + 2, names)),
    groups: [
      group(
        'symptoms',
        'Symptoms no cause explains',
        little ? 'No symptom was seen in what there is.' : 'No symptom is left unexplained.',
        diagnosis.symptoms,
      ),
      group('risks', 'Risks', little ? 'No risk was seen either.' : 'No risk was found.', diagnosis.risks),
      group('notices', 'Notices', 'Nothing further to note.', diagnosis.notices),
    ],
    missing: missing.slice(0, SHOWN_MISSING),
    missingMore: Math.max(0, missing.length - SHOWN_MISSING),
    checked: categories.map(({ category, summary }) => ({ category, summary })),
    checkedLine: `${plural(report.outcomes.length, 'rule')} put to the evidence: ${tally(report.outcomes, verdict.kind === 'healthy')}.`,
    actions: report.actions.slice(0, SHOWN_ACTIONS).map(stepView),
    furtherActions: report.actions.slice(SHOWN_ACTIONS).map(stepView),
    doNot: report.doNot,
    decision: {
      text: report.decision.text,
      policy: report.decision.policy.origin === 'file' ? report.decision.policy.name : '',
      escalation: report.decision.escalation,
    },
    owners: report.owners.map((owner) => ({ owner: owner.owner, task: owner.for })),
    copies: copiesView(report, names),
    comparison: report.comparison === undefined ? null : comparisonView(report.comparison),
    clusterLine: clusterLine(report, names),
    kubernetesLines: kubernetesLines(report),
    clusterIds: cluster.clusterIds.join(', '),
    versionsLine:
      cluster.versions.length === 0
        ? 'No member said which version it runs.'
        : cluster.versions.length === 1
          ? `All members that answered run etcd ${cluster.versions[0] ?? ''}.`
          : `The members run different versions: ${listed(cluster.versions)}.`,
    members,
    memberErrors: report.members.flatMap((member) =>
      member.errors.map((text) => ({ label: names.of(member.id).label, text })),
    ),
    sinceStart: report.members.some((member) =>
      [member.fsyncP99, member.commitP99].some((item) => item?.basis === 'since-start'),
    ),
    events: events.rows,
    eventsMore: events.more,
    logGaps: report.timeline.lanes.flatMap((lane) =>
      lane.gaps.map((gap) => ({
        member: names.of(lane.member).label,
        text: `no log from ${instant(gap.from)} to ${instant(gap.to)}`,
      })),
    ),
    matrix: matrixView(report, names),
    storage: report.charts.storage.map((item) => ({
      label: names.of(item.member).label,
      size: bytes(item.sizeBytes),
      inUse: bytes(item.inUseBytes),
      quota: bytes(item.quotaBytes),
      share: shareOf(item.sizeBytes, item.quotaBytes),
    })),
    config,
    configDiffers: config.filter((row) => row.differs).length,
    coverageLine: coverageLine(report),
    samplingLine: samplingLine(report),
    imported: importedView(report),
    gaps,
    outcomesLine: `${tally(report.outcomes)}.`,
    categories,
    criteria: verdict.criteria.map(criterionView),
    thresholds: report.thresholds.map((item) => ({
      ...item,
      origin: item.builtIn === undefined ? words(item.origin) : `${words(item.origin)} (built-in: ${item.builtIn})`,
      link: LINK.test(item.source) ? item.source : '',
    })),
    access: report.access.map((item) => ({
      what: item.what,
      ...targetNames(item.target, names),
      access: words(item.access),
      deniedBy: item.deniedBy ?? '',
      who: item.whoCanSupply ?? '',
      command: item.command ?? '',
    })),
    redactionLine: redactionLine(redactions),
    tokens: tokensLine(redactions),
    unredacted: redactions.some((mode) => mode !== 'standard'),
    bundles: provenance.bundles.map(bundleView),
    toolLine: `${report.tool.name} ${report.tool.version}, ${instant(report.generatedAt)}; ${plural(provenance.rules, 'rule')}, ${plural(provenance.signatures, 'log signature')}`,
  };
  return { report, names, limits, view };
};

/** A limit in words for chart captions: `10 ms`, or an empty string. */
export const limitText = (ms: number | null): string => (ms === null ? '' : milliseconds(ms));
