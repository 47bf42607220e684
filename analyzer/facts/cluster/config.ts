import { defineFact, type FactContext, observed, type Source } from '../../fact.js';
import { parseGoDuration } from '../../logs/values.js';
import { integerOf } from '../../metrics/parse.js';
import { big, sourceOf, unique, valueIn } from '../access.js';
import type { Config, SettingValue } from '../values/index.js';
import { logNames, planOf, type SettingForm, settings } from './config-defaults.js';

type Values = Record<string, SettingValue>;

/** Flag name without dashes and without `experimental-`, which 3.6 dropped from most. */
const canonical = (name: string): string =>
  name
    .replace(/^-+/, '')
    .replace(/^experimental-/, '')
    .toLowerCase();

const fromEnv = (name: string): string | null =>
  name.startsWith('ETCD_') ? canonical(name.slice(5).toLowerCase().replaceAll('_', '-')) : null;

const milliseconds = (text: string): string => {
  if (/^\d+$/.test(text)) return text;
  const seconds = parseGoDuration(text);
  return seconds === undefined ? text : String(Math.round(seconds * 1000));
};

/** The text in the form etcd would hold: milliseconds as a number, booleans as words, an unset quota as the default it means. */
const inForm = (name: string, text: string, form: SettingForm | undefined): string => {
  const trimmed = text.trim().replace(/^"(.*)"$/, '$1');
  if (form === 'milliseconds') return milliseconds(trimmed);
  if (form === 'boolean')
    return trimmed === '' || trimmed === '1' || trimmed === 't'
      ? 'true'
      : trimmed === '0' || trimmed === 'f'
        ? 'false'
        : trimmed.toLowerCase();
  if (name === 'quota-backend-bytes' && trimmed === '0') return '2147483648';
  return trimmed;
};

/** A key under which equal settings are equal: `1h` = `1h0m0s`, and a bare retention number is hours. */
export const comparable = (name: string, value: string): string => {
  const form = planOf(name)?.form;
  if (form !== 'duration' && form !== 'retention') return value;
  const seconds = parseGoDuration(value);
  if (seconds !== undefined && /[a-zµ]/.test(value)) return `${seconds}s`;
  if (form === 'retention' && /^\d+$/.test(value)) return value === '0' ? '0s' : `${Number(value) * 3600}s`;
  return value;
};

const put = (values: Values, name: string, text: string, origin: SettingValue['origin']): void => {
  values[name] = { value: inForm(name, text, planOf(name)?.form), origin };
};

/** Lowest precedence first: defaults, start-up line, then what the process was given; a config file makes etcd ignore flags and environment. */
const valuesOf = (ctx: FactContext, id: string, source: Source[]): { values: Values; known: boolean } => {
  const values = Object.create(null) as Partial<Values> & Values;
  const version = valueIn(ctx.facts.cluster('versions'))?.members.find((member) => member.member === id)?.server ?? '';
  const minor = /^(\d+\.\d+)/.exec(version)?.[1];
  let known = false;
  for (const [name, plan] of Object.entries(settings)) {
    // Without a version only defaults that never changed can be told.
    const fallback =
      minor === undefined
        ? plan.fallback('3.4') === plan.fallback('3.7')
          ? plan.fallback('3.7')
          : null
        : plan.fallback(minor);
    if (fallback !== null) values[name] = { value: fallback, origin: 'default' };
  }
  const log = ctx.facts.member(id, 'log');
  for (const [name, text] of Object.entries(valueIn(log)?.startupConfig ?? {})) {
    const flag = (Object.hasOwn(logNames, name) ? logNames[name] : undefined) ?? canonical(name);
    if (planOf(flag) === undefined) continue;
    put(values, flag, text, 'log');
    known = true;
  }
  if (known && log.ok) source.push(...log.source.slice(-1));
  const given = ctx.case.artifacts('server-config', id).at(-1);
  if (given !== undefined) {
    known = true;
    source.push(sourceOf(given));
    if (given.value.configFile !== undefined) {
      for (const [name, text] of Object.entries(given.value.configFileValues))
        put(values, canonical(name), text, 'config-file');
    } else {
      for (const [name, text] of Object.entries(given.value.env)) {
        const flag = fromEnv(name);
        if (flag !== null) put(values, flag, text, 'environment');
      }
      for (const [name, text] of Object.entries(given.value.flags)) put(values, canonical(name), text, 'flag');
    }
  }
  const quota = valueIn(ctx.facts.member(id, 'scrapes'))?.last.scrape.samples('etcd_server_quota_backend_bytes')[0];
  const bytes = quota === undefined ? undefined : integerOf(quota);
  const stated = values['quota-backend-bytes'];
  if (bytes !== undefined && bytes > 0n && big(stated?.value) !== bytes)
    put(values, 'quota-backend-bytes', bytes.toString(), 'metric');
  return { values, known };
};

const differencesOf = (members: Config['members'], known: readonly string[]): Config['differences'] =>
  Object.entries(settings).flatMap(([setting, plan]) => {
    if (plan.own === true) return [];
    const values = known.flatMap((member) => {
      const value = members[member]?.[setting];
      return value === undefined ? [] : [{ member, ...value }];
    });
    return new Set(values.map(({ value }) => comparable(setting, value))).size > 1 ? [{ setting, values }] : [];
  });

const number = (values: Readonly<Record<string, SettingValue>>, name: string, fallback: number): number => {
  const parsed = Number(values[name]?.value);
  return Number.isFinite(parsed) && parsed > 0 ? parsed : fallback;
};

export default defineFact({
  scope: 'cluster',
  id: 'config',
  title: 'Settings in force on every member: given, logged at start, measured or default',
  artifacts: ['server-config', 'server-log', 'metrics'],
  derive: (ctx) => {
    const source: Source[] = [];
    const all = ctx.case.members.map(({ id }) => ({ id, ...valuesOf(ctx, id, source) }));
    const members = Object.fromEntries(all.map(({ id, values }) => [id, { ...values }]));
    const known = unique(all.filter((each) => each.known).map(({ id }) => id));
    const timing = Object.fromEntries(
      all.map(({ id, values }) => [
        id,
        {
          heartbeatMs: number(values, 'heartbeat-interval', 100),
          electionMs: number(values, 'election-timeout', 1000),
          origin: values['heartbeat-interval']?.origin ?? ('default' as const),
        },
      ]),
    );
    return observed({ members, known, differences: differencesOf(members, known), timing }, source);
  },
});
