import type { History } from '../../facts/values/cluster.js';
import type { Storage } from '../../facts/values/member.js';
import { type Growth, growthOf, hoursUntil, pointsOf } from './history.js';

/** Growth of the pages in use accounts for that of the file from this share on: it is live data or history, no free pages. */
const ACCOUNTS = 0.5;

export interface QuotaForecast {
  readonly member: string;
  readonly growth: Growth;
  /** Hours until the file reaches the quota, by the error of its growth. */
  readonly earliest: number;
  readonly latest: number;
}

/** Members whose database reaches its quota at the pace of the last hours, soonest first; nothing where growth is not proven. */
export const quotaForecasts = (
  history: History | undefined,
  storage: ReadonlyMap<string, Storage>,
): readonly QuotaForecast[] =>
  [...storage]
    .flatMap(([member, { quotaBytes }]): QuotaForecast[] => {
      const of = (name: string): Growth | undefined =>
        history?.of(name, member).flatMap((series) => growthOf(pointsOf(series)) ?? [])[0];
      const growth = of('db-size');
      const inUse = of('db-size-in-use');
      if (growth === undefined || inUse === undefined) return [];
      if (inUse.perHour - inUse.errorPerHour < ACCOUNTS * growth.perHour) return [];
      const until = hoursUntil(growth, Number(quotaBytes));
      return until === undefined ? [] : [{ member, growth, ...until }];
    })
    .sort((a, b) => a.latest - b.latest);
