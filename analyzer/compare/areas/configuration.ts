import { always, perMember } from '../../assemble/config.js';
import { comparable } from '../../facts/cluster/config.js';
import { planOf } from '../../facts/cluster/config-defaults.js';
import type { SettingValue } from '../../facts/values/index.js';
import { type AreaResult, type Comparison, memberSubject, notebook } from '../change.js';
import { labelOf, present } from '../match.js';
import type { Snapshot } from '../snapshot.js';

/** Made anew with every member or start; says nothing about how the member runs. */
const ofTheStart = new Set(['initial-cluster', 'initial-cluster-state', 'initial-cluster-token', 'force-new-cluster']);

/** Settings on which timing, space and safety depend. */
const weighty = new Set([...always, 'unsafe-no-fsync', 'strict-reconfig-check']);

/** Paths, URLs and tokens: what a thing is called, not how it works. */
const isPlace = (value: SettingValue | undefined): boolean =>
  value !== undefined && /^\/|:\/\/|(?:path|name|host|user|word|ip4|ip6)-[0-9a-z-]{6,}/.test(value.value);

/** Whether the value is what etcd of this member's version has anyway, as far as that is known. */
const isDefault = (snapshot: Snapshot, id: string, setting: string, value: SettingValue | undefined): boolean => {
  if (value === undefined || value.origin === 'default') return true;
  const versions = snapshot.facts.cluster('versions');
  const server = versions.ok ? versions.value.members.find(({ member }) => member === id)?.server : undefined;
  const minor = /^(\d+\.\d+)/.exec(server ?? '')?.[1];
  const fallback = minor === undefined ? null : (planOf(setting)?.fallback(minor) ?? null);
  return fallback !== null && comparable(setting, fallback) === comparable(setting, value.value);
};

/** What the value is called, and where it is known from. */
const inWords = (value: SettingValue | undefined): string =>
  value === undefined ? 'not known' : `${value.value === '' ? 'empty' : value.value} (${value.origin})`;

const known = (value: SettingValue): boolean => value.origin !== 'default';

/** Settings in force per member: flags, environment, configuration file, log and defaults. */
export const configuration = (input: Comparison): AreaResult => {
  const notes = notebook();
  const [then, now] = [input.before.facts.cluster('config'), input.after.facts.cluster('config')];
  if (!then.ok || !now.ok) {
    notes.cannot('Configuration', then.ok ? (now.ok ? '' : now.missing.reason) : `baseline: ${then.missing.reason}`);
    return notes.result();
  }
  for (const { before, after } of present(input.pairs)) {
    const label = labelOf(after);
    const blind = [then.value.known.includes(before.id), now.value.known.includes(after.id)];
    if (blind.includes(false)) {
      const when = blind[0] === blind[1] ? 'on neither side' : blind[0] === true ? 'now not' : 'in the baseline not';
      notes.cannot(`Configuration of ${label}`, `${when} read: it takes a collector on the node of the member`);
      continue;
    }
    const [a, b] = [then.value.members[before.id] ?? {}, now.value.members[after.id] ?? {}];
    for (const setting of [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()) {
      const [from, to] = [a[setting], b[setting]];
      // A default that another version has is told as the version.
      if (ofTheStart.has(setting) || ![from, to].some((value) => value !== undefined && known(value))) continue;
      const identity = perMember.has(setting) || isPlace(from) || isPlace(to);
      if (identity && (!input.namesComparable || input.sameCluster === false)) continue;
      // A setting that only one of two versions prints at its start is not one that somebody set.
      if ([from, to].includes(undefined) && [from, to].some((value) => value?.origin === 'log')) continue;
      const [a1, b1] = [from, to].map((value) => (value === undefined ? null : comparable(setting, value.value))) as [
        string | null,
        string | null,
      ];
      if (a1 === b1) {
        notes.unchanged();
        continue;
      }
      const nobody = isDefault(input.before, before.id, setting, from) && isDefault(input.after, after.id, setting, to);
      notes.value(from?.value ?? null, to?.value ?? null, {
        id: `${setting}/${after.id}`,
        significance: nobody ? 'info' : weighty.has(setting) || setting.startsWith('unsafe') ? 'high' : 'medium',
        direction: 'neutral',
        subject: memberSubject(after),
        title: `--${setting}`,
        text: `--${setting} of {who}: ${inWords(from)} in the baseline, ${inWords(to)} now${nobody ? '; each is the default of its version' : ''}.`,
      });
    }
  }
  return notes.result();
};
