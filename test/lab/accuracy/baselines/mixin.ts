import type { Case } from '../../../../analyzer/bundle/index.js';
import { createFacts } from '../../../../analyzer/facts/index.js';
import { type Baseline, type BaselineAnswer, memberName, type Suspect, unique } from './answer.js';
import { answeredBy } from './answered.js';
import { firings, type Instance } from './mixin-conditions.js';
import { type Alert, type Edition, mixinData } from './mixin-types.js';

interface Fired {
  readonly alert: Alert;
  readonly severity: 'critical' | 'warning';
  readonly members: readonly string[];
  readonly text: string;
}

const instancesOf = (input: Case): Instance[] => {
  const facts = createFacts(input);
  const up = new Map(answeredBy(input, 'metrics').map(({ memberId, ok }) => [memberId, ok]));
  return input.members.map(({ id }) => {
    const scrapes = facts.member(id, 'scrapes');
    return { id, up: up.get(id) ?? null, scrapes: scrapes.ok ? scrapes.value : null };
  });
};

/** Causes before symptoms, hints last, then by severity, then the order of the list (most specific first). */
const weightOf = ({ alert, severity }: Fired): number =>
  (alert.hint === undefined ? 0 : 4) + (alert.about === 'cause' ? 0 : 2) + (severity === 'critical' ? 0 : 1);

/** The mixin's alerts over the scrapes of a case. The `for:` of each is taken as met: a bundle sees less than a minute. */
export const judgeByMixin = (input: Case, edition: Edition = 'main'): BaselineAnswer => {
  const { alerts, ownCalls } = mixinData();
  const instances = instancesOf(input);
  const own = new Set(ownCalls.methods);
  const fired = alerts.flatMap((alert): Fired[] =>
    alert.forms.flatMap((form) => {
      const found = form.editions.includes(edition) ? firings(form.condition, instances, own) : [];
      if (found.length === 0) return [];
      const members = unique(found.flatMap((each) => each.members.map((id) => memberName(input, id))));
      return [{ alert, severity: form.severity, members, text: unique(found.map(({ text }) => text)).join(', ') }];
    }),
  );
  fired.sort((a, b) => weightOf(a) - weightOf(b));
  const suspects = new Map<string, Suspect>();
  for (const { alert, members } of fired)
    if (!suspects.has(alert.name)) suspects.set(alert.name, { name: alert.name, rules: alert.points, members });
  const alarmed = fired.some(({ alert }) => alert.hint === undefined);
  return {
    suspects: [...suspects.values()],
    alarmed,
    healthy: !alarmed && instances.some(({ scrapes }) => scrapes !== null && scrapes.window !== null),
    detail: fired.map(({ alert, severity, text }) => `${alert.name} (${severity}): ${text}`),
  };
};

export const mixin: Baseline = {
  id: 'mixin',
  title: 'etcd mixin alerts',
  judge: (input) => judgeByMixin(input),
};
