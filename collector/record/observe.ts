import { pathOf } from '../../schemas/index.js';
import type { Store } from '../bundle/store.js';
import type { MemberTarget } from '../probe.js';
import type { MemberRound, Observation } from './condition.js';

const number64 = (value: unknown): bigint | undefined =>
  typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : undefined;

/** Buckets of histograms without labels, of the metrics named, out of a scrape; what is not in the expected form is left out. */
export const bucketsOf = (text: string, metrics: readonly string[]): MemberRound['histograms'] => {
  const found: Record<string, (readonly [number, number])[]> = {};
  for (const metric of metrics) {
    const buckets: (readonly [number, number])[] = [];
    const start = `\n${metric}_bucket{le="`;
    for (let at = text.indexOf(start); at >= 0 && buckets.length < 200; at = text.indexOf(start, at + 1)) {
      const line = text.slice(at + start.length, text.indexOf('\n', at + 1) >>> 0);
      const match = /^([^"]{1,30})"} ([0-9.e+]{1,30})\s*$/.exec(line);
      const bound = match?.[1] === '+Inf' ? Number.POSITIVE_INFINITY : Number(match?.[1]);
      const count = Number(match?.[2]);
      if (!Number.isNaN(bound) && Number.isFinite(count)) buckets.push([bound, count]);
    }
    found[metric] = buckets.sort(([a], [b]) => a - b);
  }
  return found;
};

/** Reads back from the stored answers of one round (round 0 of its store) what conditions look at. */
export const observationOf = async (
  members: readonly MemberTarget[],
  store: Store,
  metrics: readonly string[],
): Promise<Observation> => {
  const files = new Map(store.files().map((file) => [file.path, file]));
  const textAt = async (kind: 'endpoint-status' | 'metrics', member: MemberTarget): Promise<string | undefined> =>
    (await files.get(pathOf(kind, member, { round: 0 }))?.read())?.toString('utf8');
  return {
    members: await Promise.all(
      members.map(async (member): Promise<MemberRound> => {
        const status = await textAt('endpoint-status', member);
        const scrape = metrics.length === 0 ? undefined : await textAt('metrics', member);
        const { leader, raftTerm, dbSize } = (status === undefined ? {} : JSON.parse(status)) as Record<
          string,
          unknown
        >;
        const [term, size] = [number64(raftTerm), number64(dbSize)];
        return {
          id: member.id,
          ...(member.name === undefined ? {} : { name: member.name }),
          answered: status !== undefined,
          ...(typeof leader === 'string' ? { leader } : {}),
          ...(term === undefined ? {} : { raftTerm: term }),
          ...(size === undefined ? {} : { dbSize: size }),
          histograms: scrape === undefined ? {} : bucketsOf(`\n${scrape}`, metrics),
        };
      }),
    ),
  };
};
