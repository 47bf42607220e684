import type { CaseMember, LoadedArtifact } from '../../bundle/case.js';
import { absent, defineFact, observed } from '../../fact.js';
import { readAll } from '../access.js';
import type { HistorySeries } from '../values/index.js';

const hostOf = (address: string): string =>
  address
    .replace(/^[a-z]+:\/\//, '')
    .replace(/\/.*$/, '')
    .replace(/:\d+$/, '');

/** The one member at the host of an instance label; on loopback, where all share the host, nobody. */
const memberAt = (instance: string | undefined, members: readonly CaseMember[]): string | null => {
  if (instance === undefined) return null;
  const found = members.filter(({ endpoints, clientUrls, peerUrls }) =>
    [...endpoints, ...clientUrls, ...peerUrls].some((url) => hostOf(url) === hostOf(instance)),
  );
  return found.length === 1 ? (found[0]?.id ?? null) : null;
};

const seriesOf = (
  { value, path, bundleId }: LoadedArtifact<'history'>,
  members: readonly CaseMember[],
): HistorySeries[] => {
  const start = Date.parse(value.start);
  return Number.isFinite(start)
    ? value.series.map((series) => ({
        name: value.name,
        unit: value.unit,
        type: value.type,
        member: series.memberId ?? memberAt(series.labels['instance'], members),
        labels: series.labels,
        start,
        stepMs: value.stepSeconds * 1000,
        values: series.values,
        path,
        bundleId,
      }))
    : [];
};

/** First and last time with a value. */
const reach = ({ values, start, stepMs }: HistorySeries): number[] => {
  const first = values.findIndex((value) => value !== null);
  const last = values.findLastIndex((value) => value !== null);
  return first < 0 ? [] : [start + first * stepMs, start + last * stepMs];
};

export default defineFact({
  scope: 'cluster',
  id: 'history',
  title: 'Series of the last hours, by member',
  artifacts: ['history'],
  derive: (ctx) => {
    const read = readAll(ctx.case, 'history', 'cluster');
    if (!read.ok) return read;
    // Collectors on several nodes asked the same Prometheus: the latest answer to each question.
    const latest = new Map(read.value.map((artifact) => [artifact.value.name, artifact]));
    // A Prometheus that was asked for everything may know other clusters as well.
    const usable = [...latest.values()].filter(({ value }) => value.chosenBy !== 'everything');
    const series = usable.flatMap((artifact) => seriesOf(artifact, ctx.case.members));
    const times = series.flatMap(reach);
    if (times.length === 0)
      return absent('history', 'history of the cluster: no series that is known to be of this cluster has a value');
    return observed(
      {
        from: Math.min(...times),
        to: Math.max(...times),
        series,
        of: (name, member) =>
          series.filter((each) => each.name === name && (member === undefined || each.member === member)),
      },
      read.source,
    );
  },
});
