import { absent, defineFact, observed, type Source } from '../../fact.js';
import { sourceOf } from '../access.js';
import type { ClockOffsets } from '../values/index.js';

/** Group of the line in which a member complains about a peer's clock. */
const driftGroup = 'prober-clock-drift';

export default defineFact({
  scope: 'cluster',
  id: 'clockOffsets',
  title: 'Clocks of the members’ hosts against the collector’s, and drift the members logged',
  artifacts: ['clock-offset', 'server-log'],
  derive: (ctx) => {
    const source: Source[] = [];
    const endpoints = ctx.case.artifacts('clock-offset').flatMap((artifact): ClockOffsets['endpoints'][number][] => {
      const { offsetMs } = artifact.value;
      if (offsetMs === null) return [];
      source.push(sourceOf(artifact, '/offsetMs'));
      const endpoint = ctx.case.endpoints.find((each) => each.id === artifact.targetId);
      return [
        {
          endpoint: endpoint?.endpoint ?? artifact.targetId,
          member: endpoint?.member ?? null,
          minMs: offsetMs.min,
          maxMs: offsetMs.max,
          vantage: ctx.case.bundles.find((bundle) => bundle.id === artifact.bundleId)?.vantage?.host ?? null,
        },
      ];
    });
    let logs = 0;
    const logged = ctx.case.members.flatMap(({ id }): ClockOffsets['logged'][number][] => {
      const log = ctx.facts.member(id, 'log');
      if (!log.ok) return [];
      logs += 1;
      const count = log.value.count(driftGroup);
      if (count === null) return [];
      source.push(...log.source);
      const drifts = count.stats.flatMap((stats) => stats.numbers.get('clock-drift')?.worst.value ?? []);
      return [
        {
          member: id,
          count: count.total,
          inWindow: count.inWindow,
          worstSeconds: drifts.length === 0 ? null : Math.max(...drifts.map(Math.abs)),
          last: count.last,
        },
      ];
    });
    if (endpoints.length === 0 && logs === 0)
      return absent('clock-offset', 'clock-offset: no endpoint gave a date, and no server log is there');
    return observed({ endpoints, provenSpreadMs: spreadOf(endpoints), logged }, source);
  },
});

/** Offsets are relative to one collector: only those of the same vantage compare. */
const spreadOf = (endpoints: ClockOffsets['endpoints']): number | null => {
  if (endpoints.length === 0) return null;
  const spreads = [...new Set(endpoints.map(({ vantage }) => vantage))].map((vantage) => {
    const own = endpoints.filter((endpoint) => endpoint.vantage === vantage);
    // The collector's own clock is one of the clocks: it is at 0.
    const highestMin = Math.max(0, ...own.map(({ minMs }) => minMs));
    const lowestMax = Math.min(0, ...own.map(({ maxMs }) => maxMs));
    return Math.max(0, highestMin - lowestMax);
  });
  return Math.max(...spreads);
};
