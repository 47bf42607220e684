import { absent, defineFact, type FactContext, observed, type Source } from '../../fact.js';
import { memberIdOf, missingOf, sourceOf, unique, valueIn } from '../access.js';
import type { Alarms } from '../values/index.js';

type By = Alarms['armed'][number]['by'][number];
interface Sighting {
  readonly alarm: string;
  readonly member: string;
  readonly by: By;
}

/** `NOSPACE` of the texts etcd puts into Status errors and the reason of /health. */
const alarmsIn = (text: string): string[] =>
  [...text.matchAll(/alarm:\s*([A-Z]+)|ALARM\s+([A-Z]+)/g)]
    .map((match) => match[1] ?? match[2] ?? '')
    .filter((alarm) => alarm !== '' && alarm !== 'NONE');

const fromMetrics = (ctx: FactContext, id: string): Sighting[] => {
  const scrape = valueIn(ctx.facts.member(id, 'scrapes'))?.last.scrape;
  return (scrape?.samples('etcd_debugging_server_alarms') ?? []).flatMap((sample) =>
    sample.value > 0
      ? [
          {
            alarm: sample.labels.alarm_type ?? 'unknown',
            member: memberIdOf(sample.labels.server_id) ?? id,
            by: 'metrics' as const,
          },
        ]
      : [],
  );
};

export default defineFact({
  scope: 'cluster',
  id: 'alarms',
  title: 'Alarms armed now, by AlarmList, Status, health and metrics',
  artifacts: ['alarm-list', 'endpoint-status', 'health', 'metrics'],
  derive: (ctx) => {
    const listed = ctx.case.artifacts('alarm-list').at(-1);
    const sightings: Sighting[] = [];
    const statusErrors: Alarms['statusErrors'][number][] = [];
    const source: Source[] = listed === undefined ? [] : [sourceOf(listed)];
    let statusRead = false;
    const list = listed?.value.alarms.map(({ memberId, alarm }) => ({ member: memberId, alarm })) ?? null;
    for (const { member, alarm } of list ?? []) sightings.push({ alarm, member, by: 'alarm-list' });
    for (const { id } of ctx.case.members) {
      const status = ctx.facts.member(id, 'status');
      if (status.ok) {
        statusRead = true;
        source.push(...status.source.slice(-1));
        for (const text of status.value.last.errors) {
          statusErrors.push({ member: id, text });
          for (const alarm of alarmsIn(text)) sightings.push({ alarm, member: namedIn(text) ?? id, by: 'status' });
        }
      }
      const health = valueIn(ctx.facts.member(id, 'health'));
      for (const reason of health?.health?.reasons ?? [])
        for (const alarm of alarmsIn(reason)) sightings.push({ alarm, member: id, by: 'health' });
      sightings.push(...fromMetrics(ctx, id));
    }
    if (listed === undefined && !statusRead && sightings.length === 0) {
      return absent(
        'alarm-list',
        `${missingOf(ctx.case, 'alarm-list', 'cluster').reason}; no member's Status was read either`,
      );
    }
    const names = unique(sightings.map(({ alarm }) => alarm));
    const order: readonly By[] = ['alarm-list', 'status', 'metrics', 'health'];
    const armed = names.map((alarm) => {
      const own = sightings.filter((each) => each.alarm === alarm);
      const best = order.find((by) => own.some((each) => each.by === by));
      return {
        alarm,
        // /health and Status of any member show alarms of all: the most authoritative source names the members.
        members: unique(own.filter((each) => each.by === best).map(({ member }) => member)),
        by: order.filter((by) => own.some((each) => each.by === by)),
      };
    });
    return observed(
      {
        list,
        listMissing: list === null ? missingOf(ctx.case, 'alarm-list', 'cluster').reason : null,
        armed,
        statusErrors,
        known: list !== null || statusRead,
      },
      source,
    );
  },
});

/** `memberID:<decimal>` of an alarm text, as 16 hex digits; 0 (CORRUPT in 3.5 names nobody) stays 0. */
const namedIn = (text: string): string | null => {
  const decimal = /memberID:\s*(\d{1,20})/.exec(text)?.[1];
  return decimal === undefined ? null : BigInt(decimal).toString(16).padStart(16, '0');
};
