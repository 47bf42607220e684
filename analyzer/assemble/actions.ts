import { identityFor } from '../knowledge/identities.js';
import type { Report, ReportFinding, ReportStep } from '../../schemas/index.js';

const order: readonly ReportStep['tag'][] = [
  'read-only',
  'brief-interruption',
  'restarts',
  'disruptive',
  'destructive',
];
/** A tired reader follows a handful of steps, not a catalogue; the rest stands with each cause. */
const MAX_STEPS = 7;

const ownerFor: Readonly<Record<ReportFinding['owner'], string>> = {
  operator: 'etcd operator',
  infrastructure: 'infrastructure team (disks, network, virtualisation)',
  platform: 'platform team (Kubernetes, resources, certificates)',
  vendor: 'vendor support',
  application: 'owners of the clients',
};

/** A command without its comment. */
const typed = ({ command = '' }: { readonly command?: string }): string => command.split('   # ')[0] ?? '';

/** Puts `rest` among the steps of the first cause, which keep their order, each before the first step that is riskier. */
const merged = (first: readonly ReportStep[], rest: readonly ReportStep[]): ReportStep[] => {
  const steps = [...first];
  const risk = (step: ReportStep): number => order.indexOf(step.tag);
  for (const step of rest) {
    const at = steps.findIndex((other) => risk(other) > risk(step));
    steps.splice(at < 0 ? steps.length : at, 0, step);
  }
  return steps;
};

/** What to do, what not to do and who must act, from the causes that are believed; the first cause keeps its own order. */
export const actions = (causes: readonly ReportFinding[]): Pick<Report, 'actions' | 'doNot' | 'owners'> => {
  const active = causes.filter((cause) => cause.when === 'now');
  const believed = active.filter((cause) => cause.confidence.level !== 'low');
  const chosen = believed.length > 0 ? believed : active.slice(0, 1);
  const steps = new Map<string, ReportStep>();
  for (const [rank, cause] of chosen.entries()) {
    const own =
      rank === 0
        ? cause.remedy
        : cause.remedy.filter((step) => step.tag === 'read-only' || step.tag === 'brief-interruption').slice(0, 1);
    for (const step of own) {
      const said = [...steps.values()].some(
        ({ command }) => command !== undefined && typed(step).startsWith(typed({ command })),
      );
      if (!said && !steps.has(step.text)) steps.set(step.text, { ...step, rule: cause.rule });
    }
  }
  const list = [...steps.values()].slice(0, MAX_STEPS);
  const first = list.filter((step) => step.rule === chosen[0]?.rule);
  const rest = list.filter((step) => step.rule !== chosen[0]?.rule);
  const owners = new Map<string, string[]>();
  for (const cause of chosen) owners.set(cause.owner, [...(owners.get(cause.owner) ?? []), cause.title]);
  return {
    actions: merged(first, rest),
    doNot: [...new Set(chosen.slice(0, 3).flatMap((cause) => cause.doNot))].slice(0, 8),
    owners: [...owners].map(([owner, titles]) => ({
      owner: ownerFor[owner as ReportFinding['owner']],
      for: titles.join('; '),
    })),
  };
};

/** The steps with what their commands need: as whom, and where. */
export const withIdentities = (steps: readonly ReportStep[]): ReportStep[] =>
  steps.map((step) => {
    const identity = step.command === undefined ? undefined : identityFor(step.command);
    return identity === undefined ? step : { ...step, identity };
  });
