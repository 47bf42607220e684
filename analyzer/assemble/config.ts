import type { Report } from '../../schemas/index.js';
import type { Facts } from '../fact.js';
import { nameOf } from '../run-rule.js';

/** Settings that differ by design from member to member. */
export const perMember: ReadonlySet<string> = new Set([
  'name',
  'data-dir',
  'wal-dir',
  'listen-client-urls',
  'listen-peer-urls',
  'listen-metrics-urls',
  'listen-client-http-urls',
  'advertise-client-urls',
  'initial-advertise-peer-urls',
  'initial-cluster',
  'initial-cluster-state',
]);

/** Settings worth a row even when nobody changed them: other numbers in the report are read against these. */
export const always: ReadonlySet<string> = new Set([
  'heartbeat-interval',
  'election-timeout',
  'quota-backend-bytes',
  'auto-compaction-mode',
  'auto-compaction-retention',
  'snapshot-count',
  'pre-vote',
]);
/** Units of settings whose values do not name them. */
const units: Readonly<Record<string, string>> = {
  'heartbeat-interval': 'ms',
  'election-timeout': 'ms',
  'quota-backend-bytes': 'bytes',
};
/** Origins that mean somebody set it. */
const chosen = new Set(['flag', 'environment', 'config-file']);

/** Configuration in force: what someone set, what differs, and the settings that other numbers depend on. */
export const configRows = (facts: Facts): Report['config'] => {
  const config = facts.cluster('config');
  if (!config.ok) return [];
  const { members, differences } = config.value;
  const differing = new Set(differences.map((difference) => difference.setting));
  // Defaults of a member of which nothing else is known are a guess.
  const seen = new Set(
    Object.keys(members).filter((id) => Object.values(members[id] ?? {}).some(({ origin }) => origin !== 'default')),
  );
  const settings = new Set(Object.values(members).flatMap((values) => Object.keys(values)));
  const names = [...seen].map((id) => nameOf(facts.case, id)).sort();
  const known = seen.size < facts.case.members.length ? [`known of ${names.join(', ')} only`] : [];
  return [...settings].sort().flatMap((setting) => {
    const values = facts.case.members
      .filter(({ id }) => seen.has(id))
      .flatMap((member) => {
        const value = members[member.id]?.[setting];
        return value === undefined ? [] : [{ member: member.id, value: value.value, origin: value.origin }];
      });
    const differs = differing.has(setting);
    if (
      perMember.has(setting) ||
      (!differs && !always.has(setting) && !values.some((value) => chosen.has(value.origin)))
    )
      return [];
    const unit = units[setting];
    const origins = [...new Set(values.map((value) => value.origin))];
    return [
      {
        setting,
        values: values.map(({ member, value }) => ({ member, value })),
        differs,
        note: [...(unit === undefined ? [] : [unit]), `from ${origins.join(', ')}`, ...known].join('; '),
      },
    ];
  });
};
