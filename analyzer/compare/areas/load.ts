import type { DiffChange } from '../../../schemas/index.js';
import type { Facts } from '../../fact.js';
import { valueIn } from '../../facts/access.js';
import type { Counter, Gauge } from '../../facts/values/index.js';
import { significant } from '../../report/format.js';
import { type AreaResult, clusterSubject, type Comparison, type Notebook, notebook } from '../change.js';
import { limit } from '../limits.js';
import { present } from '../match.js';
import type { Snapshot } from '../snapshot.js';
import { poissonRates } from '../statistics.js';
import { compareTroubles } from './troubles.js';

type OfMember<T> = (facts: Facts, id: string) => T | null;

interface Measure<T> {
  readonly id: string;
  readonly title: string;
  /** Unit after the number. */
  readonly unit: string;
  /** Clients are spread over the members; what the cluster does is the same on each. */
  readonly over: 'sum' | 'largest';
  readonly read: OfMember<T>;
}

const rates: readonly Measure<Counter>[] = [
  {
    id: 'requests',
    title: 'Requests',
    unit: '/s',
    over: 'sum',
    read: (facts, id) => valueIn(facts.member(id, 'requests'))?.total ?? null,
  },
  {
    id: 'proposals',
    title: 'Proposals committed',
    unit: '/s',
    over: 'largest',
    read: (facts, id) => valueIn(facts.member(id, 'proposals'))?.committed ?? null,
  },
  {
    id: 'puts',
    title: 'Puts',
    unit: '/s',
    over: 'largest',
    read: (facts, id) => valueIn(facts.member(id, 'puts'))?.puts ?? null,
  },
  {
    id: 'ranges',
    title: 'Ranges',
    unit: '/s',
    over: 'sum',
    read: (facts, id) => valueIn(facts.member(id, 'puts'))?.ranges ?? null,
  },
  {
    id: 'events',
    title: 'Watch events sent',
    unit: '/s',
    over: 'sum',
    read: (facts, id) => valueIn(facts.member(id, 'watchers'))?.events ?? null,
  },
  {
    id: 'leases-granted',
    title: 'Leases granted',
    unit: '/s',
    over: 'largest',
    read: (facts, id) => valueIn(facts.member(id, 'leases'))?.granted ?? null,
  },
  {
    id: 'leases-renewed',
    title: 'Leases renewed',
    unit: '/s',
    over: 'sum',
    read: (facts, id) => valueIn(facts.member(id, 'leases'))?.renewed ?? null,
  },
];

const gauges: readonly Measure<Gauge>[] = [
  {
    id: 'watchers',
    title: 'Watchers',
    unit: '',
    over: 'sum',
    read: (facts, id) => valueIn(facts.member(id, 'watchers'))?.watchers ?? null,
  },
  {
    id: 'watch-streams',
    title: 'Watch streams',
    unit: '',
    over: 'sum',
    read: (facts, id) => valueIn(facts.member(id, 'watchers'))?.streams ?? null,
  },
  {
    id: 'keys',
    title: 'Keys',
    unit: '',
    over: 'largest',
    read: (facts, id) => valueIn(facts.member(id, 'storage'))?.keys ?? null,
  },
];

const factorOf = (from: number, to: number): number => Math.max(from, to) / Math.max(Math.min(from, to), 1e-9);

const levelOf = (factor: number): DiffChange['significance'] => (factor >= limit('load-much') ? 'medium' : 'low');

/** One value of the cluster from those of the members that both sides know; null when one of them is unknown. */
const joined = (measure: { readonly over: 'sum' | 'largest' }, values: readonly (number | null)[]): number | null =>
  values.length === 0 || values.includes(null)
    ? null
    : measure.over === 'sum'
      ? values.reduce<number>((total, value) => total + (value ?? 0), 0)
      : Math.max(...values.map((value) => value ?? 0));

interface Rate {
  readonly perSecond: number;
  readonly seconds: number;
}

const windowSeconds = ({ facts }: Snapshot, id: string): number =>
  valueIn(facts.member(id, 'scrapes'))?.window?.seconds ?? 0;

const compareRates = (input: Comparison, notes: Notebook): void => {
  const pairs = present(input.pairs);
  for (const measure of rates) {
    const known = (snapshot: Snapshot, id: string): boolean =>
      (measure.read(snapshot.facts, id)?.perSecond ?? null) !== null;
    const both = pairs.filter(({ before, after }) => known(input.before, before.id) && known(input.after, after.id));
    const now = joined(
      measure,
      both.map(({ after }) => measure.read(input.after.facts, after.id)?.perSecond ?? null),
    );
    const seconds = Math.min(...both.map(({ after }) => windowSeconds(input.after, after.id)));
    // Known good: the rate of the window, and the mean since the start, of every baseline.
    const good = input.baselines.flatMap(({ snapshot, pairs: members }): Rate[] => {
      const ids = both.map(({ after }) => present(members).find((pair) => pair.after.id === after.id)?.before.id);
      const counters = ids.map((id) => (id === undefined ? null : measure.read(snapshot.facts, id)));
      const window = joined(
        measure,
        counters.map((counter) => counter?.perSecond ?? null),
      );
      const whole = joined(
        measure,
        counters.map((counter) => counter?.perSecondSinceStart ?? null),
      );
      const span = Math.min(...ids.map((id) => (id === undefined ? 0 : windowSeconds(snapshot, id))));
      const uptime = Math.min(
        ...ids.map((id) =>
          id === undefined ? 0 : (valueIn(snapshot.facts.member(id, 'scrapes'))?.uptimeSeconds ?? 0),
        ),
      );
      return [
        ...(window === null ? [] : [{ perSecond: window, seconds: span }]),
        ...(whole === null ? [] : [{ perSecond: whole, seconds: uptime }]),
      ];
    });
    const [first] = good;
    if (now === null || first === undefined) {
      notes.cannot(`${measure.title} per second`, 'no rate of a window on both sides');
      continue;
    }
    const differs = (rate: Rate): boolean =>
      factorOf(rate.perSecond, now) >= limit('load-factor') &&
      Math.max(rate.perSecond, now) * Math.min(rate.seconds, seconds) >= limit('load-events') &&
      poissonRates([rate.perSecond * rate.seconds, rate.seconds], [now * seconds, seconds], limit('dependence')) <
        limit('probability');
    const more = now > first.perSecond;
    if (!good.every((rate) => differs(rate) && now > rate.perSecond === more)) {
      notes.unchanged();
      continue;
    }
    const some =
      both.length < input.after.case.members.length ? ` of ${both.length} members that are known both times` : '';
    notes.change({
      id: measure.id,
      kind: 'changed',
      significance: levelOf(factorOf(first.perSecond, now)),
      direction: 'neutral',
      subject: clusterSubject,
      title: measure.title,
      text: `${measure.title}${some}: ${significant(first.perSecond)}/s in the baseline, ${significant(now)}/s now.`,
      before: `${significant(first.perSecond)}/s`,
      after: `${significant(now)}/s`,
      statistics: {
        test: 'poisson-rates',
        p: poissonRates(
          [first.perSecond * first.seconds, first.seconds],
          [now * seconds, seconds],
          limit('dependence'),
        ),
        effect: `${more ? 'more' : 'less'} by a factor of ${significant(factorOf(first.perSecond, now))}`,
        counts: [Math.round(first.perSecond * first.seconds), Math.round(now * seconds)],
      },
    });
  }
};

const compareGauges = (input: Comparison, notes: Notebook): void => {
  const pairs = present(input.pairs);
  for (const measure of gauges) {
    const both = pairs.filter(
      ({ before, after }) =>
        measure.read(input.before.facts, before.id) !== null && measure.read(input.after.facts, after.id) !== null,
    );
    const then = joined(
      measure,
      both.map(({ before }) => measure.read(input.before.facts, before.id)?.last ?? null),
    );
    const now = joined(
      measure,
      both.map(({ after }) => measure.read(input.after.facts, after.id)?.last ?? null),
    );
    if (then === null || now === null) {
      notes.cannot(measure.title, 'not exported on both sides');
      continue;
    }
    if (
      Math.max(then, now) < limit('gauge-floor') ||
      factorOf(Math.max(then, 1), Math.max(now, 1)) < limit('load-factor')
    ) {
      notes.unchanged();
      continue;
    }
    notes.change({
      id: measure.id,
      kind: 'changed',
      significance: levelOf(factorOf(Math.max(then, 1), Math.max(now, 1))),
      direction: 'neutral',
      subject: clusterSubject,
      title: measure.title,
      text: `${measure.title}: ${significant(then)} in the baseline, ${significant(now)} now.`,
      before: significant(then),
      after: significant(now),
    });
  }
};

/** What clients ask of the cluster, and what went wrong between the two collections. */
export const load = (input: Comparison): AreaResult => {
  const notes = notebook();
  compareRates(input, notes);
  compareGauges(input, notes);
  compareTroubles(input, notes);
  return notes.result();
};
