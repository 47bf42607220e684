import type { DiffChange, DiffDistribution, DiffSubject } from '../../../schemas/index.js';
import type { Facts } from '../../fact.js';
import type { Latency } from '../../facts/values/index.js';
import { latencyOf } from '../../facts/views.js';
import { formatThreshold } from '../../knowledge/threshold.js';
import { bucketsOf, type Histogram, histogramDelta, percentile } from '../../metrics/histogram.js';
import { range } from '../../report/format.js';
import { type AreaResult, type Comparison, memberSubject, type Notebook, notebook } from '../change.js';
import { commonBounds } from '../coarsen.js';
import { limit, slowMs } from '../limits.js';
import { labelOf, present, type PresentPair, processOf } from '../match.js';
import { mannWhitney, shareGrowthAtLeast } from '../statistics.js';
import { compareReads } from './reads.js';

/** A latency of a member, or of one of its links. */
interface Metric {
  readonly id: keyof typeof slowMs;
  readonly title: string;
  readonly read: (facts: Facts, pair: { readonly id: string; readonly peer: string | null }) => Latency | string;
}

const ofFact =
  (fact: 'walFsync' | 'backendCommit'): Metric['read'] =>
  (facts, { id }) => {
    const seen = facts.member(id, fact);
    return seen.ok ? seen.value : seen.missing.reason;
  };

const metrics: readonly Metric[] = [
  { id: 'walFsync', title: 'WAL fsync', read: ofFact('walFsync') },
  { id: 'backendCommit', title: 'Backend commit', read: ofFact('backendCommit') },
  {
    id: 'grpc',
    title: 'Handling of gRPC calls (unary)',
    read: (facts, { id }) => {
      const scrapes = facts.member(id, 'scrapes');
      if (!scrapes.ok) return scrapes.missing.reason;
      return (
        latencyOf(scrapes.value, 'grpc_server_handling_seconds', { labels: { grpc_type: 'unary' } }) ??
        'not exported: etcd does so only with --metrics=extensive'
      );
    },
  },
  {
    id: 'rtt',
    title: 'Peer round trip',
    read: (facts, { id, peer }) => {
      const seen = facts.member(id, 'rtt');
      if (!seen.ok) return seen.missing.reason;
      return seen.value.peers.find(({ to }) => to === peer)?.latency ?? 'no probe to this peer is on record';
    },
  },
];

interface View {
  readonly basis: DiffDistribution['basis'];
  readonly histogram: Histogram;
}

/** The window when it has enough observations; else all since the start. */
const knownGood = (latency: Latency): View[] => [
  ...(latency.window !== null && latency.window.count >= limit('shift-observations')
    ? [{ basis: 'window' as const, histogram: latency.window.histogram }]
    : []),
  { basis: 'since-start', histogram: latency.sinceStart.histogram },
];

/** The window when it has enough observations; else what came after the baseline, and nothing that was already in it. */
const nowOf = (now: Latency, then: Latency, process: ReturnType<typeof processOf>): View | null => {
  if (now.window !== null && now.window.count >= limit('shift-observations'))
    return { basis: 'window', histogram: now.window.histogram };
  if (process === 'restarted') return { basis: 'since-start', histogram: now.sinceStart.histogram };
  if (process === 'unknown') return null;
  const between = histogramDelta(then.sinceStart.histogram, now.sinceStart.histogram);
  return between === undefined ? null : { basis: 'between', histogram: between };
};

const inWords = (histogram: Histogram, q: number): string => {
  const found = percentile(histogram, q);
  return found === null ? 'none' : range(found.loMs, found.hiMs);
};

const distributionOf = ({ basis, histogram }: View): DiffDistribution => ({
  basis,
  count: histogram.count,
  buckets: bucketsOf(histogram),
  p50: inWords(histogram, 0.5),
  p99: inWords(histogram, 0.99),
});

type Shift = Pick<DiffChange, 'direction' | 'statistics'> & { readonly quantile: number };

/** Whether the bucket of a quantile has moved by a proven factor. */
const moved = (from: Histogram, to: Histogram, q: number): boolean => {
  const [a, b] = [percentile(from, q), percentile(to, q)];
  return a !== null && b !== null && a.hiMs !== null && b.loMs >= a.hiMs * limit('shift-factor') * (1 - 1e-9);
};

const countsOf = (histogram: Histogram): number[] => bucketsOf(histogram).map(({ count }) => count);

/** The body of the distribution has moved: significant, large, and by a proven factor. */
const bodyShift = (then: Histogram, now: Histogram): Shift | null => {
  if (Math.min(then.count, now.count) < limit('shift-observations')) return null;
  const test = mannWhitney(countsOf(then), countsOf(now), limit('dependence'));
  if (test === null || test.p >= limit('probability')) return null;
  const worse = test.superiority >= limit('superiority');
  const better = 1 - test.superiority >= limit('superiority');
  if (!worse && !better) return null;
  const quantile = [0.5, 0.9].find((q) => (worse ? moved(then, now, q) : moved(now, then, q)));
  if (quantile === undefined) return null;
  const share = Math.round((worse ? test.superiority : 1 - test.superiority) * 100);
  return {
    direction: worse ? 'worse' : 'better',
    quantile,
    statistics: {
      test: 'mann-whitney',
      p: test.p,
      effect: `an observation of now is ${worse ? 'longer' : 'shorter'} than one of then in ${share} % of pairs`,
      counts: [then.count, now.count],
    },
  };
};

/** The slow tail has grown while the body stayed: the share beyond the double of the old p99. */
const tailShift = (then: Histogram, now: Histogram): Shift | null => {
  if (Math.min(then.count, now.count) < limit('tail-observations')) return null;
  const p99 = percentile(then, 0.99);
  if (p99 === null || p99.hiMs === null || !moved(then, now, 0.99)) return null;
  const beyond = p99.hiMs * limit('shift-factor');
  const bound = then.boundsMs.findIndex((each) => each >= beyond * (1 - 1e-9));
  if (bound === -1) return null;
  const above = (histogram: Histogram): number => histogram.count - (histogram.cumulative[bound] ?? 0);
  // 3.29: two-sided p = 0.001 of the normal distribution.
  const growth = shareGrowthAtLeast([above(then), then.count], [above(now), now.count], limit('dependence'), 3.29);
  if (growth <= limit('tail-growth')) return null;
  const percent = (histogram: Histogram): string => `${Math.round((above(histogram) / histogram.count) * 1000) / 10} %`;
  return {
    direction: 'worse',
    quantile: 0.99,
    statistics: {
      test: 'newcombe',
      p: null,
      effect: `beyond ${range(then.boundsMs[bound] ?? 0, null).replace(/^>./, '')}: ${percent(then)} then, ${percent(now)} now`,
      counts: [then.count, now.count],
    },
  };
};

const shiftOf = (then: Histogram, now: Histogram): Shift | null => {
  const body = bodyShift(then, now);
  return body?.direction === 'worse' ? body : (tailShift(then, now) ?? body);
};

/** A tail that looks worse and matters, but rests on too few observations: neither changed nor unchanged. */
const unproven = (metric: Metric, then: Histogram, now: Histogram): string | null =>
  moved(then, now, 0.99) && (percentile(now, 0.99)?.loMs ?? 0) >= slowMs[metric.id].value
    ? `p99 ${inWords(then, 0.99)} then, ${inWords(now, 0.99)} now: ${then.count} and ${now.count} observations do not prove it`
    : null;

interface Place {
  readonly key: string;
  readonly subject: DiffSubject;
  readonly label: string;
  readonly now: { readonly id: string; readonly peer: string | null };
  /** The same place in each baseline; absent where it was not there. */
  readonly good: readonly ({ readonly id: string; readonly peer: string | null } | undefined)[];
}

const compareOne = (input: Comparison, metric: Metric, place: Place, notes: Notebook): void => {
  const what = `${metric.title} of ${place.label}`;
  const now = metric.read(input.after.facts, place.now);
  if (typeof now === 'string') {
    notes.cannot(what, now);
    return;
  }
  const pairs: { readonly good: View; readonly now: View }[] = [];
  let why = 'it was not part of the baseline';
  input.baselines.forEach(({ snapshot, pairs: members }, i) => {
    const at = place.good[i];
    if (at === undefined) return;
    const then = metric.read(snapshot.facts, at);
    if (typeof then === 'string') {
      why = `baseline: ${then}`;
      return;
    }
    const pair = members.find(({ after }) => after?.id === place.now.id);
    const view = pair === undefined ? null : nowOf(now, then, processOf(snapshot, input.after, pair));
    why = 'no observation that is not part of the baseline as well';
    if (view === null) return;
    for (const good of knownGood(then)) {
      const both = commonBounds(good.histogram, view.histogram);
      if (both === null) why = 'the buckets of the two versions have no bounds in common';
      else if (Math.min(both[0].count, both[1].count) < limit('shift-observations'))
        why = `too few observations: ${both[0].count} then, ${both[1].count} now; ${limit('shift-observations')} are needed`;
      else pairs.push({ good: { ...good, histogram: both[0] }, now: { ...view, histogram: both[1] } });
    }
  });
  const [first] = pairs;
  if (first === undefined) {
    notes.cannot(what, why);
    return;
  }
  // What the baseline has shown in any of its views is known good: the shift must stand against each.
  const shifts = pairs.map(({ good, now: view }) => shiftOf(good.histogram, view.histogram));
  const [shift] = shifts;
  if (shift === null || shift === undefined || shifts.some((each) => each?.direction !== shift.direction)) {
    const doubt = unproven(metric, first.good.histogram, first.now.histogram);
    if (doubt === null) notes.unchanged();
    else notes.cannot(`Tail of ${what}`, doubt);
    return;
  }
  const view = first.now.histogram;
  const slow = slowMs[metric.id];
  const reached = (q: number): number => percentile(view, q)?.loMs ?? 0;
  const significance =
    shift.direction === 'better'
      ? 'info'
      : reached(shift.quantile) >= slow.value
        ? 'high'
        : reached(0.99) >= slow.value
          ? 'medium'
          : 'info';
  const q = shift.quantile === 0.99 ? 'p99' : shift.quantile === 0.9 ? 'p90' : 'p50';
  const [before, after] = [inWords(first.good.histogram, shift.quantile), inWords(view, shift.quantile)];
  const calm = significance === 'info' && shift.direction === 'worse';
  notes.change({
    id: `${metric.id}/${place.key}`,
    kind: 'changed',
    significance,
    direction: shift.direction,
    subject: place.subject,
    title: metric.title,
    text: `${what}: ${q} ${before} in the baseline, ${after} now${calm ? `; that is still below the ${formatThreshold(slow)} from which it matters` : ''}.`,
    before: `${q} ${before}`,
    after: `${q} ${after}`,
    ...(shift.statistics === undefined ? {} : { statistics: shift.statistics }),
    baseline: distributionOf(first.good),
    current: distributionOf(first.now),
  });
};

const baselineMember = (input: Comparison, id: string): (string | undefined)[] =>
  input.baselines.map(({ pairs }) => present(pairs).find(({ after }) => after.id === id)?.before.id);

const memberPlace = (input: Comparison, { after }: PresentPair): Place => ({
  key: after.id,
  subject: memberSubject(after),
  label: labelOf(after),
  now: { id: after.id, peer: null },
  good: baselineMember(input, after.id).map((id) => (id === undefined ? undefined : { id, peer: null })),
});

const linkPlaces = (input: Comparison, from: PresentPair): Place[] =>
  present(input.pairs)
    .filter((to) => to !== from)
    .map((to) => {
      const peers = baselineMember(input, to.after.id);
      return {
        key: `${from.after.id}-${to.after.id}`,
        subject: memberSubject(from.after),
        label: `${labelOf(from.after)} to ${labelOf(to.after)}`,
        now: { id: from.after.id, peer: to.after.id },
        good: baselineMember(input, from.after.id).map((id, i) => {
          const peer = peers[i];
          return id === undefined || peer === undefined ? undefined : { id, peer };
        }),
      };
    });

/** Latency distributions: shifts that are significant, large and proven by the bounds of the buckets. */
export const latency = (input: Comparison): AreaResult => {
  const notes = notebook();
  for (const pair of present(input.pairs))
    for (const metric of metrics)
      for (const place of metric.id === 'rtt' ? linkPlaces(input, pair) : [memberPlace(input, pair)])
        compareOne(input, metric, place, notes);
  compareReads(input, notes);
  return notes.result();
};
