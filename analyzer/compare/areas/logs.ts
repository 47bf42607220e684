import type { LogCount, MemberLog } from '../../facts/values/index.js';
import { groupOf, logSignatures } from '../../knowledge/log-signatures.js';
import { significant } from '../../report/format.js';
import { type AreaResult, type Comparison, memberSubject, notebook } from '../change.js';
import { limit } from '../limits.js';
import { labelOf, present } from '../match.js';
import { poissonRates } from '../statistics.js';

const HOUR = 3_600_000;

/** Levels at which etcd reports trouble; everything below is life as usual. */
const troubled = new Set(['warn', 'error', 'panic', 'fatal']);

/** Groups worth comparing, with what they mean. */
const groups = (): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const signature of logSignatures())
    if (troubled.has(signature.level) && !found.has(groupOf(signature)))
      found.set(groupOf(signature), signature.meaning);
  return found;
};

/** Time that the slices cover, ms; overlapping ones once. */
const covered = (log: MemberLog): number => {
  const spans = log.summaries
    .flatMap(({ summary: { firstTime, lastTime } }) =>
      firstTime === undefined || lastTime === undefined ? [] : [[firstTime, lastTime] as const],
    )
    .sort((a, b) => a[0] - b[0]);
  let [sum, end] = [0, Number.NEGATIVE_INFINITY];
  for (const [from, to] of spans) {
    sum += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return sum;
};

/** Less log than this says nothing about what is usual. */
const LEAST_MS = 60_000;

const rateOf = (events: number, ms: number): string => `${significant(events / (ms / HOUR))} per hour`;

const inSpan = (ms: number): string => `${significant(ms / HOUR)} h`;

/** Log signatures of level warning and above: events per hour of log, never mere counts. */
export const logs = (input: Comparison): AreaResult => {
  const notes = notebook();
  const known = groups();
  for (const { before, after } of present(input.pairs)) {
    const label = labelOf(after);
    const [then, now] = [input.before.facts.member(before.id, 'log'), input.after.facts.member(after.id, 'log')];
    if (!then.ok || !now.ok) {
      notes.cannot(
        `Log of ${label}`,
        then.ok ? (now.ok ? '' : now.missing.reason) : `baseline: ${then.missing.reason}`,
      );
      continue;
    }
    const [t1, t2] = [covered(then.value), covered(now.value)];
    if (Math.min(t1, t2) < LEAST_MS) {
      notes.cannot(`Log of ${label}`, `too short: ${inSpan(t1)} then, ${inSpan(t2)} now`);
      continue;
    }
    const total = (count: LogCount | null): number => count?.total ?? 0;
    for (const [group, meaning] of known) {
      const [k1, k2] = [total(then.value.count(group)), total(now.value.count(group))];
      if (k1 + k2 === 0) continue;
      const p = poissonRates([k1, t1], [k2, t2], limit('dependence'));
      const [was, is] = [k1 / t1, k2 / t2];
      const factor = Math.max(was, is) / Math.max(Math.min(was, is), 1e-12);
      if (Math.max(k1, k2) < limit('log-events') || factor < limit('log-factor') || p >= limit('probability')) {
        notes.unchanged();
        continue;
      }
      const more = is > was;
      notes.change({
        id: `${group}/${after.id}`,
        kind: k1 === 0 ? 'new' : k2 === 0 ? 'gone' : 'changed',
        significance: more ? 'low' : 'info',
        direction: more ? 'worse' : 'better',
        subject: memberSubject(after),
        title: `Log: ${group}`,
        text: `${group} in the log of ${label}: ${rateOf(k1, t1)} in the baseline (${inSpan(t1)} of log), ${rateOf(k2, t2)} now (${inSpan(t2)}). ${meaning}`,
        before: k1 === 0 ? null : rateOf(k1, t1),
        after: k2 === 0 ? null : rateOf(k2, t2),
        statistics: {
          test: 'poisson-rates',
          p,
          effect:
            Math.min(k1, k2) === 0
              ? `none in ${inSpan(k1 === 0 ? t1 : t2)} of log`
              : `by a factor of ${significant(factor)}`,
          counts: [k1, k2],
        },
      });
    }
  }
  return notes.result();
};
