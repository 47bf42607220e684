import type { Scrapes } from '../../../../analyzer/facts/index.js';
import { type Histogram, histogramDelta, readHistogram } from '../../../../analyzer/metrics/histogram.js';
import { hasLabels, type Sample, type Scrape, sumOf } from '../../../../analyzer/metrics/parse.js';
import { histogramQuantile } from './histogram-quantile.js';
import type { Condition } from './mixin-types.js';

/** A scrape target: one member. */
export interface Instance {
  readonly id: string;
  /** Whether its last scrape succeeded; null when nobody tried. */
  readonly up: boolean | null;
  readonly scrapes: Scrapes | null;
}

/** A condition that holds: for whom (member ids), and with what value. */
export interface Firing {
  readonly members: readonly string[];
  readonly text: string;
}

type Labels = Readonly<Record<string, string>>;
type Of<K extends Condition['kind']> = Extract<Condition, { readonly kind: K }>;

const seconds = (scrapes: Scrapes): number => scrapes.window?.seconds ?? 0;

const lastValue = (instance: Instance, metric: string): number | undefined =>
  instance.scrapes === null ? undefined : sumOf(instance.scrapes.last.scrape, metric);

/** Label sets of a metric in the last scrape, restricted to the labels `keep` accepts; one entry per distinct set. */
const groupsOf = (samples: readonly Sample[], keep: (name: string) => boolean): Labels[] => {
  const groups = new Map<string, Labels>();
  for (const { labels } of samples) {
    const own = Object.entries(labels).filter((entry): entry is [string, string] => keep(entry[0]));
    groups.set(JSON.stringify(own.sort()), Object.fromEntries(own));
  }
  return [...groups.values()];
};

/** Growth per second over the window; a series that was not there at first began at 0. Undefined without a window or after a reset. */
const rateOf = (scrapes: Scrapes, total: (scrape: Scrape) => number | undefined): number | undefined => {
  const last = total(scrapes.last.scrape);
  if (seconds(scrapes) <= 0 || last === undefined) return undefined;
  const grown = last - (total(scrapes.first.scrape) ?? 0);
  return grown < 0 ? undefined : grown / seconds(scrapes);
};

const sumWhere = (scrape: Scrape, metric: string, labels: Labels, more: (sample: Sample) => boolean): number =>
  scrape
    .samples(metric)
    .filter((sample) => hasLabels(sample, labels) && more(sample))
    .reduce((sum, sample) => sum + sample.value, 0);

const number = (value: number): string => String(Number(value.toPrecision(3)));

/** Whoever is an end of every link; both ends of a single link. */
const commonEnds = (links: readonly (readonly [string, string])[]): string[] => {
  const ends = [...new Set(links.flat())];
  const common = ends.filter((end) => links.every((link) => link.includes(end)));
  return common.length > 0 ? common : ends;
};

const memberIdOf = (label: string | undefined): string =>
  label !== undefined && /^[0-9a-f]{1,16}$/.test(label) ? label.padStart(16, '0') : '';

const tooFewUp = (instances: readonly Instance[]): Firing[] => {
  const asked = instances.filter(({ up }) => up !== null);
  const up = asked.filter((instance) => instance.up === true);
  if (asked.length === 0 || up.length >= (asked.length + 1) / 2) return [];
  const down = asked.filter((instance) => instance.up === false).map(({ id }) => id);
  return [{ members: down, text: `${up.length} of ${asked.length} up` }];
};

const membersDown = (condition: Of<'members-down'>, instances: readonly Instance[]): Firing[] => {
  const down = instances.filter(({ up }) => up === false).map(({ id }) => id);
  const rates = new Map<string, number>();
  for (const { scrapes } of instances) {
    if (scrapes === null) continue;
    for (const labels of groupsOf(scrapes.last.scrape.samples(condition.metric), (name) => name === condition.by)) {
      const rate = rateOf(scrapes, (scrape) => sumWhere(scrape, condition.metric, labels, () => true));
      const to = memberIdOf(labels[condition.by]);
      rates.set(to, (rates.get(to) ?? 0) + (rate ?? 0));
    }
  }
  const lost = [...rates].filter(([, rate]) => rate > condition.abovePerSecond).map(([to]) => to);
  const count = Math.max(down.length, lost.length);
  if (count === 0) return [];
  // The alert gives a number; a target that is down is the plainer sign of who.
  const members = down.length > 0 ? down : lost.filter((to) => instances.some(({ id }) => id === to));
  return [{ members, text: `${down.length} down, messages to ${lost.length} not sent` }];
};

const gaugeIs = (condition: Of<'gauge-is'>, instances: readonly Instance[]): Firing[] => {
  const own = instances.filter((each) => lastValue(each, condition.metric) === condition.value).map(({ id }) => id);
  return own.length === 0 ? [] : [{ members: own, text: `${condition.metric} is ${condition.value}` }];
};

const rangeSeconds = (range: string): number => {
  const [, amount = '0', unit = 's'] = /^(\d+)([smh])$/.exec(range) ?? [];
  return Number(amount) * (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1);
};

/**
 * Growth of the largest value within the range. A process younger than the range was watched from its first election on, which is
 * where its counter begins.
 */
const increase = (condition: Of<'increase'>, instances: readonly Instance[]): Firing[] => {
  const grown = instances.flatMap(({ scrapes }) => {
    const last = scrapes === null ? undefined : sumOf(scrapes.last.scrape, condition.metric);
    if (scrapes === null || last === undefined) return [];
    const young = scrapes.uptimeSeconds !== null && scrapes.uptimeSeconds <= rangeSeconds(condition.range);
    return [last - (young ? 1 : (sumOf(scrapes.first.scrape, condition.metric) ?? last))];
  });
  const most = Math.max(0, ...grown);
  return most >= condition.atLeast ? [{ members: [], text: `${most} in ${condition.range}` }] : [];
};

const rate = (condition: Of<'rate'>, instances: readonly Instance[]): Firing[] =>
  instances.flatMap(({ id, scrapes }) => {
    const value = scrapes === null ? undefined : rateOf(scrapes, (scrape) => sumOf(scrape, condition.metric));
    return value !== undefined && value > condition.abovePerSecond
      ? [{ members: [id], text: `${number(value)} per second` }]
      : [];
  });

const failedPercent = (
  condition: Of<'failed-percent'>,
  instances: readonly Instance[],
  own: ReadonlySet<string>,
): Firing[] => {
  const isFailure = ({ labels }: Sample): boolean => {
    const code = labels.grpc_code ?? '';
    return condition.codes === undefined ? !(condition.codesNot ?? []).includes(code) : condition.codes.includes(code);
  };
  return instances.flatMap(({ id, scrapes }) => {
    if (scrapes === null) return [];
    const samples = scrapes.last.scrape.samples(condition.metric);
    return groupsOf(samples, (name) => !condition.without.includes(name)).flatMap((labels) => {
      if (own.has(labels.grpc_method ?? '')) return [];
      const all = rateOf(scrapes, (scrape) => sumWhere(scrape, condition.metric, labels, () => true)) ?? 0;
      const bad = rateOf(scrapes, (scrape) => sumWhere(scrape, condition.metric, labels, isFailure)) ?? 0;
      const percent = all > 0 ? (100 * bad) / all : 0;
      return percent > condition.above
        ? [{ members: [id], text: `${number(percent)} % of ${labels.grpc_method ?? 'calls'} failed` }]
        : [];
    });
  });
};

const deltaOf = (scrapes: Scrapes, metric: string, labels: Labels): Histogram | undefined => {
  const last = readHistogram(scrapes.last.scrape, metric, { labels });
  if (last === undefined || seconds(scrapes) <= 0) return undefined;
  const first = readHistogram(scrapes.first.scrape, metric, { labels });
  if (first !== undefined) return histogramDelta(first, last);
  const appeared = !scrapes.first.scrape.samples(`${metric}_bucket`).some((sample) => hasLabels(sample, labels));
  return appeared ? last : undefined;
};

const quantile = (condition: Of<'quantile'>, instances: readonly Instance[], own: ReadonlySet<string>): Firing[] => {
  const by = condition.by ?? [];
  const where = condition.where ?? {};
  const hits = instances.flatMap(({ id, scrapes }) => {
    if (scrapes === null) return [];
    const samples = scrapes.last.scrape
      .samples(`${condition.metric}_bucket`)
      .filter((sample) => hasLabels(sample, where));
    return groupsOf(samples, (name) => by.includes(name)).flatMap((labels) => {
      const excluded = Object.entries(condition.not ?? {}).some(([name, value]) => labels[name] === value);
      if (excluded || own.has(labels.grpc_method ?? '')) return [];
      const delta = deltaOf(scrapes, condition.metric, { ...where, ...labels });
      const value = delta === undefined ? null : histogramQuantile(delta, condition.q);
      if (value === null || value <= condition.aboveSeconds * 1000) return [];
      return [{ id, labels, text: `p${condition.q * 100} ${number(value)} ms` }];
    });
  });
  const { link } = condition;
  if (link === undefined || hits.length === 0)
    return hits.map(({ id, labels, text }) => ({
      members: [id],
      text: [text, labels.grpc_method].filter((part) => part !== undefined).join(' '),
    }));
  const links = hits.map(({ id, labels }): readonly [string, string] => [id, memberIdOf(labels[link])]);
  return [{ members: commonEnds(links).filter((end) => end !== ''), text: hits.map(({ text }) => text).join(', ') }];
};

const percentOf = (condition: Of<'percent-of'>, instances: readonly Instance[]): Firing[] =>
  instances.flatMap((instance) => {
    const value = lastValue(instance, condition.metric);
    const whole = lastValue(instance, condition.of);
    if (value === undefined || whole === undefined || whole <= 0) return [];
    const percent = (100 * value) / whole;
    return percent > condition.above ? [{ members: [instance.id], text: `${number(percent)} %` }] : [];
  });

const fragmented = (condition: Of<'fragmented'>, instances: readonly Instance[]): Firing[] =>
  instances.flatMap((instance) => {
    const used = lastValue(instance, condition.inUse);
    const size = lastValue(instance, condition.size);
    if (used === undefined || size === undefined || size <= 0) return [];
    return used / size < condition.shareBelow && used > condition.inUseAboveBytes
      ? [{ members: [instance.id], text: `${number((100 * used) / size)} % in use` }]
      : [];
  });

const growthOfShare = (condition: Of<'growth-of-share'>, instances: readonly Instance[]): Firing[] =>
  instances.flatMap(({ id, scrapes }) => {
    if (scrapes === null) return [];
    const share = (scrape: Scrape): number =>
      (100 * (sumOf(scrape, condition.metric) ?? Number.NaN)) / (sumOf(scrape, condition.of) ?? Number.NaN);
    const points = share(scrapes.last.scrape) - share(scrapes.first.scrape);
    return points > condition.abovePoints ? [{ members: [id], text: `${number(points)} points` }] : [];
  });

/** Least squares over the scrapes, continued; as Prometheus does it. */
const predicted = (condition: Of<'predicted'>, instances: readonly Instance[]): Firing[] =>
  instances.flatMap((instance) => {
    const { id, scrapes } = instance;
    const limit = lastValue(instance, condition.over);
    if (scrapes === null || limit === undefined) return [];
    const points = scrapes.rounds.flatMap(({ at, scrape }) => {
      const value = sumOf(scrape, condition.metric);
      return value === undefined ? [] : [{ x: (at - scrapes.last.at) / 1000, y: value }];
    });
    const mean = (pick: (point: { x: number; y: number }) => number): number =>
      points.reduce((sum, point) => sum + pick(point), 0) / points.length;
    const x = mean((point) => point.x);
    const y = mean((point) => point.y);
    const spread = mean((point) => (point.x - x) ** 2);
    if (points.length < 2 || spread === 0) return [];
    const slope = mean((point) => (point.x - x) * (point.y - y)) / spread;
    const value = y + slope * (condition.inSeconds - x);
    return value > limit ? [{ members: [id], text: `${number(value)} bytes ahead` }] : [];
  });

/**
 * For whom a condition holds over these instances. `own` are gRPC methods that only the collector calls.
 * What an instance does not export cannot fire, as in Prometheus.
 */
export const firings = (
  condition: Condition,
  instances: readonly Instance[],
  own: ReadonlySet<string> = new Set(),
): readonly Firing[] => {
  switch (condition.kind) {
    case 'too-few-up':
      return tooFewUp(instances);
    case 'members-down':
      return membersDown(condition, instances);
    case 'gauge-is':
      return gaugeIs(condition, instances);
    case 'increase':
      return increase(condition, instances);
    case 'rate':
      return rate(condition, instances);
    case 'failed-percent':
      return failedPercent(condition, instances, own);
    case 'quantile':
      return quantile(condition, instances, own);
    case 'percent-of':
      return percentOf(condition, instances);
    case 'growth-of-share':
      return growthOfShare(condition, instances);
    case 'predicted':
      return predicted(condition, instances);
    case 'fragmented':
      return fragmented(condition, instances);
  }
};
