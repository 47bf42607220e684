import type { Facts } from '../../fact.js';
import { valueIn } from '../../facts/access.js';
import type { Counter } from '../../facts/values/index.js';
import { instant, significant } from '../../report/format.js';
import { type Comparison, memberSubject, type Notebook } from '../change.js';
import { limit } from '../limits.js';
import { labelOf, present, processOf } from '../match.js';
import { poissonRates } from '../statistics.js';

/** Counts of what should not happen, per member. */
const troubles: readonly {
  readonly id: string;
  readonly title: string;
  readonly read: (facts: Facts, id: string) => Counter | null;
}[] = [
  {
    id: 'leader-changes',
    title: 'Leader changes seen',
    read: (facts, id) => valueIn(facts.member(id, 'leaderChanges')),
  },
  {
    id: 'proposals-failed',
    title: 'Proposals failed',
    read: (facts, id) => valueIn(facts.member(id, 'proposals'))?.failed ?? null,
  },
  {
    id: 'heartbeats-late',
    title: 'Heartbeats sent late',
    read: (facts, id) => valueIn(facts.member(id, 'heartbeatFailures')),
  },
  {
    id: 'applies-slow',
    title: 'Slow applies',
    read: (facts, id) => valueIn(facts.member(id, 'slowOperations'))?.apply ?? null,
  },
  {
    id: 'read-index-slow',
    title: 'Slow read indexes',
    read: (facts, id) => valueIn(facts.member(id, 'slowOperations'))?.readIndexSlow ?? null,
  },
  {
    id: 'read-index-failed',
    title: 'Failed read indexes',
    read: (facts, id) => valueIn(facts.member(id, 'slowOperations'))?.readIndexFailed ?? null,
  },
];

/** Events since the baseline (same process) or since the start (another one), against the rate until the baseline. */
export const compareTroubles = (input: Comparison, notes: Notebook): void => {
  for (const pair of present(input.pairs)) {
    const process = processOf(input.before, input.after, pair);
    const started = valueIn(input.after.facts.member(pair.after.id, 'process'))?.startedAt ?? null;
    if (process === 'restarted' && pair.by === 'id' && started !== null)
      notes.change({
        id: `restart/${pair.after.id}`,
        kind: 'changed',
        significance: 'info',
        direction: 'neutral',
        subject: memberSubject(pair.after),
        title: 'Restarted',
        text: `Restarted since the baseline: {who}; counters began anew at ${instant(new Date(started).toISOString())}.`,
        before: null,
        after: instant(new Date(started).toISOString()),
      });
    const unread = [
      ['baseline: ', input.before.facts.member(pair.before.id, 'scrapes')] as const,
      ['', input.after.facts.member(pair.after.id, 'scrapes')] as const,
    ].flatMap(([when, scrapes]) => (scrapes.ok ? [] : [`${when}${scrapes.missing.reason}`]));
    if (unread.length > 0) {
      notes.cannot(`Failures and elections on ${labelOf(pair.after)}`, unread.join('; '));
      continue;
    }
    for (const trouble of troubles) {
      const what = `${trouble.title} on ${labelOf(pair.after)}`;
      const then = trouble.read(input.before.facts, pair.before.id);
      const now = trouble.read(input.after.facts, pair.after.id);
      const uptimes = [
        valueIn(input.before.facts.member(pair.before.id, 'scrapes'))?.uptimeSeconds ?? null,
        valueIn(input.after.facts.member(pair.after.id, 'scrapes'))?.uptimeSeconds ?? null,
      ] as const;
      if (then === null || now === null || uptimes[0] === null || uptimes[1] === null) {
        notes.cannot(what, 'not exported on both sides, or no start time');
        continue;
      }
      const continues = process === 'same';
      if (process === 'unknown' || (continues && (now.sinceStart < then.sinceStart || uptimes[1] <= uptimes[0]))) {
        notes.cannot(
          what,
          process === 'unknown'
            ? 'whether it is the same process is not known'
            : uptimes[1] <= uptimes[0]
              ? 'no time lies between the two'
              : 'the counter went down within one process',
        );
        continue;
      }
      const events = continues ? now.sinceStart - then.sinceStart : now.sinceStart;
      const seconds = continues ? uptimes[1] - uptimes[0] : uptimes[1];
      const [was, is] = [then.sinceStart / uptimes[0], events / seconds];
      const p = poissonRates([then.sinceStart, uptimes[0]], [events, seconds], limit('dependence'));
      if (events < limit('log-events') || is < was * limit('log-factor') || p >= limit('probability')) {
        notes.unchanged();
        continue;
      }
      const perHour = (rate: number): string => `${significant(rate * 3600)} per hour`;
      notes.change({
        id: `${trouble.id}/${pair.after.id}`,
        kind: then.sinceStart === 0 ? 'new' : 'changed',
        significance: 'medium',
        direction: 'worse',
        subject: memberSubject(pair.after),
        title: trouble.title,
        text: `${what}: ${significant(events)} ${continues ? 'since the baseline' : 'since its start'}, ${perHour(is)}; ${perHour(was)} until the baseline.`,
        before: then.sinceStart === 0 ? null : perHour(was),
        after: perHour(is),
        statistics: {
          test: 'poisson-rates',
          p,
          effect: was === 0 ? 'none before' : `more by a factor of ${significant(is / was)}`,
          counts: [then.sinceStart, events],
        },
      });
    }
  }
};
