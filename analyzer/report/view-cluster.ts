import type { Report } from '../../schemas/index.js';
import {
  bytes,
  count,
  instant,
  lag,
  listed,
  milliseconds,
  NONE,
  percent,
  percentile,
  plural,
  shortId,
  words,
} from './format.js';
import type { ChartLimits } from './limits.js';
import type { Names } from './names.js';
import type { Tone } from './view-findings.js';

/** A cell with a tone; `title` holds what the short text leaves out. */
export interface Cell {
  readonly text: string;
  readonly tone: Tone;
  readonly title: string;
}

export interface MemberView {
  readonly label: string;
  readonly full: string;
  readonly hue: number;
  readonly id: string;
  readonly role: string;
  readonly version: string;
  readonly dbSize: string;
  readonly inUse: string;
  readonly raftTerm: string;
  readonly raftIndex: string;
  readonly lag: string;
  readonly fsync: Cell;
  readonly commit: Cell;
  readonly cpu: Cell;
  readonly health: Cell;
  readonly startedAt: string;
  readonly endpoint: string;
  readonly errors: readonly string[];
}

export interface MatrixView {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly label: string; readonly cells: readonly Cell[] }[];
  readonly basis: string;
}

export interface ConfigRow {
  readonly setting: string;
  readonly differs: boolean;
  /** One value for all, or one per member where they differ. */
  readonly common: string;
  readonly values: readonly { readonly label: string; readonly value: string }[];
  readonly note: string;
}

const healthTones: Record<Report['members'][number]['health'], Tone> = {
  ok: 'good',
  degraded: 'bad',
  failing: 'bad',
  unreachable: 'bad',
  unknown: 'plain',
};

/** From this share of stalled or throttled time a cell is shown in the colour of trouble; a reading aid, no judgement. */
const CPU_MARK_PERCENT = 25;

type Member = Report['members'][number];

const latencyCell = (value: Member['fsyncP99'], limitMs: number | null): Cell => ({
  text: percentile(value),
  tone: value !== undefined && value.count > 0 && limitMs !== null && value.loMs >= limitMs ? 'bad' : 'plain',
  title:
    value === undefined
      ? 'not measured'
      : `${count(Math.round(value.count))} observations ${value.basis === 'window' ? 'in the window' : 'since the process started'}`,
});

export const memberView = (member: Member, names: Names, limits: ChartLimits): MemberView => {
  const name = names.of(member.id);
  return {
    label: name.label,
    full: name.full,
    hue: name.hue,
    id: shortId(member.id),
    role: member.role,
    version: member.version ?? NONE,
    dbSize: bytes(member.dbSizeBytes),
    inUse: bytes(member.dbInUseBytes),
    raftTerm: member.raftTerm === undefined ? NONE : count(member.raftTerm),
    raftIndex: member.raftIndex === undefined ? NONE : count(member.raftIndex),
    lag: lag(member.lag),
    fsync: latencyCell(member.fsyncP99, limits.walFsyncMs),
    commit: latencyCell(member.commitP99, limits.backendCommitMs),
    cpu: {
      text: percent(member.cpuStalledPercent),
      tone: (member.cpuStalledPercent ?? 0) >= CPU_MARK_PERCENT ? 'bad' : 'plain',
      title: member.cpuStalledPercent === undefined ? 'not measured' : 'time stalled or throttled in the window',
    },
    health: { text: member.health, tone: healthTones[member.health], title: member.errors.join('; ') },
    startedAt: member.startedAt === undefined ? NONE : instant(member.startedAt),
    endpoint: member.endpoint ?? NONE,
    errors: member.errors,
  };
};

/** One line about the cluster: members, quorum, leader, term, revision. */
export const clusterLine = (report: Report, names: Names): string => {
  const { cluster } = report;
  if (cluster.voters + cluster.learners === 0) return 'The bundle names no member of the cluster.';
  const quorum =
    cluster.hasQuorum === null
      ? 'whether it has quorum could not be decided'
      : cluster.hasQuorum
        ? `quorum holds (${cluster.quorum} of ${cluster.voters} needed)`
        : `quorum is lost (${cluster.quorum} of ${cluster.voters} needed)`;
  const parts = [
    report.coverage.imported !== undefined && cluster.reachable === 0
      ? `${plural(cluster.voters + cluster.learners, 'member')} seen, no answer of any`
      : `${cluster.reachable} of ${plural(cluster.voters + cluster.learners, 'member')} answered`,
    cluster.learners === 0 ? '' : `${plural(cluster.learners, 'learner')} among them`,
    quorum,
    cluster.leader === null ? 'no leader was seen' : `leader ${names.subject(cluster.leader).label}`,
    cluster.term === undefined ? '' : `term ${count(cluster.term)}`,
    cluster.revision === null ? '' : `revision ${count(cluster.revision)}`,
  ];
  return `${parts.filter((part) => part !== '').join('; ')}.`;
};

const MATRIX_MAX = 12;

/** Round trips between members (and from the collector) as a square; null when nothing was measured. */
export const matrixView = (report: Report, names: Names): MatrixView | null => {
  const links = report.charts.peerMatrix;
  if (links.length === 0) return null;
  const label = (id: string): string => (id === 'vantage' ? 'collector' : names.of(id).label);
  const order = ['vantage', ...report.members.map((member) => member.id)];
  const ordered = (ids: readonly string[]): string[] =>
    [...new Set(ids)]
      .sort((a, b) => (order.indexOf(a) + 1 || order.length + 1) - (order.indexOf(b) + 1 || order.length + 1))
      .slice(0, MATRIX_MAX);
  const to = ordered(links.map((link) => link.to));
  const from = ordered(links.map((link) => link.from));
  const cell = (source: string, target: string): Cell => {
    if (source === target) return { text: '', tone: 'plain', title: 'itself' };
    const link = links.find((item) => item.from === source && item.to === target);
    if (link === undefined) return { text: NONE, tone: 'plain', title: 'not measured' };
    // What was measured before it failed; a probe that never came back leaves a round trip of 0.
    const before = link.ms === null || link.ms === 0 ? '' : `; ${milliseconds(link.ms)} before`;
    if (!link.ok) return { text: 'fails', tone: 'bad', title: `${link.basis}${before}` };
    return { text: link.ms === null ? 'up' : milliseconds(link.ms), tone: 'good', title: link.basis };
  };
  return {
    columns: to.map(label),
    rows: from.map((source) => ({ label: label(source), cells: to.map((target) => cell(source, target)) })),
    basis: listed([...new Set(links.map((link) => words(link.basis)))].slice(0, 4)),
  };
};

/** Settings that differ come first; equal values are written once. */
export const configRows = (report: Report, names: Names): ConfigRow[] =>
  [...report.config]
    .sort((a, b) => Number(b.differs) - Number(a.differs))
    .map((row) => {
      const distinct = [...new Set(row.values.map((item) => item.value))];
      return {
        setting: row.setting,
        differs: row.differs,
        common: distinct.length === 1 ? (distinct[0] ?? '') : '',
        values:
          distinct.length === 1
            ? []
            : row.values.map((item) => ({ label: names.of(item.member).label, value: item.value })),
        note: row.note ?? '',
      };
    });
