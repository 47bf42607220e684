import { big } from '../../facts/access.js';
import type { Storage } from '../../facts/values/index.js';
import { bytes, count, seconds as inTime, significant } from '../../report/format.js';
import { type AreaResult, clusterSubject, type Comparison, memberSubject, type Notebook, notebook } from '../change.js';
import { limit } from '../limits.js';
import { labelOf, present, type PresentPair } from '../match.js';
import type { Snapshot } from '../snapshot.js';

const DAY = 86_400;

const storageOf = ({ facts }: Snapshot, id: string): Storage | null => {
  const seen = facts.member(id, 'storage');
  return seen.ok ? seen.value : null;
};

/** Growth needs the same data on both sides, in the right order, far enough apart. */
const measurable = (input: Comparison): boolean =>
  input.sameCluster === true && input.seconds >= limit('growth-seconds');

const compareSize = (input: Comparison, { before, after }: PresentPair, notes: Notebook): void => {
  const label = labelOf(after);
  const [then, now] = [storageOf(input.before, before.id), storageOf(input.after, after.id)];
  if (then === null || now === null) {
    notes.cannot(`Database size of ${label}`, 'not known on both sides');
    return;
  }
  for (const [id, title, a, b] of [
    ['db', 'Database size', then.sizeBytes, now.sizeBytes],
    ['in-use', 'Database in use', then.inUseBytes, now.inUseBytes],
  ] as const) {
    const [from, to] = [Number(a ?? Number.NaN), Number(b ?? Number.NaN)];
    if (!Number.isFinite(from) || !Number.isFinite(to)) {
      notes.cannot(`${title} of ${label}`, 'not known on both sides');
      continue;
    }
    const growth = ((to - from) / input.seconds) * DAY;
    const quota = Number(now.quotaBytes);
    const daysLeft = measurable(input) && growth > 0 && quota > to ? (quota - to) / growth : null;
    const soon = daysLeft !== null && daysLeft < limit('growth-days') && Math.abs(to - from) >= limit('size-floor');
    const factor = Math.max(from, to) / Math.max(1, Math.min(from, to));
    if (!soon && (Math.abs(to - from) < limit('size-floor') || factor < limit('size-factor'))) {
      notes.unchanged();
      continue;
    }
    const rate = measurable(input) ? `, ${growth < 0 ? '−' : '+'}${bytes(Math.round(Math.abs(growth)))} per day` : '';
    const until = soon
      ? `; at this rate the quota of ${bytes(now.quotaBytes)} is reached in ${inTime((daysLeft ?? 0) * DAY)}`
      : '';
    notes.change({
      id: `${id}/${after.id}`,
      kind: 'changed',
      significance: soon ? 'medium' : to > from ? 'low' : 'info',
      direction: to > from ? 'worse' : 'better',
      subject: memberSubject(after),
      title,
      text: `${title} of ${label}: ${bytes(from)} in the baseline, ${bytes(to)} now${rate}${until}.`,
      before: bytes(from),
      after: bytes(to),
    });
  }
};

/** Revision and term belong to the data and only grow, whatever process serves them. */
const compareProgress = (input: Comparison, notes: Notebook): void => {
  if (input.sameCluster !== true) return;
  const highest = ({ case: from, facts }: Snapshot, field: 'revision' | 'raftTerm'): bigint | null => {
    const values = from.members.flatMap(({ id }) => {
      const status = facts.member(id, 'status');
      const value = status.ok ? big(status.value.last[field]) : null;
      return value === null ? [] : [value];
    });
    return values.reduce<bigint | null>((most, value) => (most === null || value > most ? value : most), null);
  };
  for (const [field, title] of [
    ['revision', 'Revision'],
    ['raftTerm', 'Raft term'],
  ] as const) {
    const [then, now] = [highest(input.before, field), highest(input.after, field)];
    if (then === null || now === null) {
      notes.cannot(title, 'no status on both sides');
      continue;
    }
    if (input.seconds <= 0) {
      notes.cannot(title, 'the baseline is not older than this collection');
      continue;
    }
    if (now < then) {
      notes.change({
        id: field,
        kind: 'changed',
        significance: 'high',
        direction: 'worse',
        subject: clusterSubject,
        title: `${title} went back`,
        text: `The highest ${title.toLowerCase()} was ${count(then)} and is ${count(now)}: within one cluster it never falls. The data was restored or rebuilt from an older state, or the members that had it do not answer.`,
        before: count(then),
        after: count(now),
      });
      continue;
    }
    const grown = Number(now - then);
    const perDay = measurable(input) ? `, ${significant((grown / input.seconds) * DAY)} per day` : '';
    if (field === 'raftTerm' && grown > 0)
      notes.change({
        id: field,
        kind: 'changed',
        significance: 'low',
        direction: 'worse',
        subject: clusterSubject,
        title: 'Elections',
        text: `The raft term has grown by ${count(grown)} since the baseline${perDay}: so many elections were held or tried.`,
        before: count(then),
        after: count(now),
      });
    else if (field === 'revision' && grown > 0)
      notes.change({
        id: field,
        kind: 'changed',
        significance: 'info',
        direction: 'neutral',
        subject: clusterSubject,
        title: 'Revisions',
        text: `${count(grown)} revisions were written since the baseline${perDay}.`,
        before: count(then),
        after: count(now),
      });
    else notes.unchanged();
  }
};

/** Sizes on disk and what has grown between the two. */
export const sizes = (input: Comparison): AreaResult => {
  const notes = notebook();
  for (const pair of present(input.pairs)) compareSize(input, pair, notes);
  compareProgress(input, notes);
  if (!measurable(input))
    notes.cannot(
      'Growth per day',
      input.sameCluster === true
        ? `the two are less than ${inTime(limit('growth-seconds'))} apart`
        : 'it takes two collections of one cluster',
    );
  return notes.result();
};
