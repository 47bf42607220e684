import type { Report } from '../../schemas/index.js';
import { count, NONE, words } from './format.js';
import type { Names } from './names.js';
import type { Cell } from './view-cluster.js';
import type { Tone } from './view-findings.js';

type Section = NonNullable<Report['copies']>;
type Row = Section['rows'][number];

export interface CopyView {
  readonly rank: string;
  readonly label: string;
  readonly full: string;
  readonly hue: number;
  readonly state: Cell;
  /** `log` is a helper of Handlebars. */
  readonly logEnd: string;
  readonly commit: string;
  readonly snapshot: string;
  readonly database: string;
  readonly revision: string;
  readonly loss: string;
  /** Why it is not sound or not to be used, and what of it was not seen. */
  readonly why: readonly string[];
  readonly place: string;
}

export interface CopiesView {
  /** A majority commits, and no copy is damaged: nothing to act upon. */
  readonly calm: boolean;
  readonly kicker: string;
  readonly tone: Tone;
  readonly text: string;
  readonly rows: readonly CopyView[];
  /** Some copy has a reason. */
  readonly reasons: boolean;
  readonly mustNot: readonly string[];
  readonly nextEvidence: readonly { readonly what: string; readonly command: string }[];
  readonly limits: readonly string[];
}

const kickers: Readonly<Record<Section['decision'], string>> = {
  'not-needed': 'No recovery is called for',
  start: 'Quorum can return without recovery',
  restore: 'Recovery is needed',
  'cannot-tell': 'Cannot be told yet',
};
const decisionTones: Readonly<Record<Section['decision'], Tone>> = {
  'not-needed': 'good',
  start: 'good',
  restore: 'bad',
  'cannot-tell': 'warn',
};
const stateTones: Readonly<Record<Row['state'], Tone>> = {
  sound: 'good',
  repairable: 'good',
  damaged: 'bad',
  missing: 'bad',
  unknown: 'plain',
};

const point = (at: Row['lastEntry']): string =>
  at === undefined ? NONE : `${count(at.index)} (term ${count(at.term)})`;

const number = (value: string | undefined): string => (value === undefined ? NONE : count(value));

const lossOf = ({ lossEntries }: Row): string => {
  if (lossEntries === undefined) return NONE;
  if (lossEntries.atLeast === null) return 'unknown';
  const { atLeast, atMost } = lossEntries;
  if (atMost === atLeast) return atLeast === '0' ? 'nothing' : `${count(atLeast)} entries`;
  return atMost === null ? `≥ ${count(atLeast)} entries` : `${count(atLeast)} to ${count(atMost)} entries`;
};

const rowView = (row: Row, names: Names): CopyView => {
  const name = names.subject(row.member);
  const unused = row.standing === 'current' ? '' : `, ${words(row.standing)}`;
  return {
    rank: row.usable ? String(row.rank) : NONE,
    label: name.label,
    full: row.place === undefined ? name.full : `${name.full}, ${row.place}`,
    hue: name.hue,
    state: {
      text: `${row.state}${unused}`,
      tone: row.standing === 'current' || row.standing === 'learner' ? stateTones[row.state] : 'bad',
      title: row.inUse === true ? 'in use' : row.inUse === false ? 'not in use' : 'not known whether in use',
    },
    logEnd: point(row.lastEntry),
    commit: number(row.commit),
    snapshot: row.snapshot === undefined ? NONE : count(row.snapshot.index),
    database: number(row.applied),
    revision: number(row.revision),
    loss: lossOf(row),
    why: [...row.reasons, ...(row.unseen.length === 0 ? [] : [`not seen: ${row.unseen.join(', ')}`])],
    place: row.place ?? NONE,
  };
};

/** The section about the copies of the data; null when none was read. */
export const copiesView = (report: Report, names: Names): CopiesView | null => {
  const section = report.copies;
  if (section === undefined) return null;
  const fine = section.rows.every(({ state }) => state === 'sound' || state === 'repairable' || state === 'unknown');
  const rows = section.rows.map((row) => rowView(row, names));
  return {
    calm: section.decision === 'not-needed' && fine,
    kicker: kickers[section.decision],
    tone: decisionTones[section.decision],
    text: section.text,
    rows,
    reasons: rows.some(({ why }) => why.length > 0),
    mustNot: section.mustNot,
    nextEvidence: section.nextEvidence.map(({ what, command }) => ({ what, command: command ?? '' })),
    limits: section.limits,
  };
};
