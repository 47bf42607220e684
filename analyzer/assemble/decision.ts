import type { Report } from '../../schemas/index.js';
import type { Case } from '../bundle/case.js';
import type { Diagnosis } from '../diagnose.js';
import { defaultPolicy, type Policy } from '../knowledge/default-policy.js';
import type { Verdict } from '../verdict.js';

type Decision = Report['decision'];

const orderOf = ({ kind, recovery }: Verdict): Decision['order'] => {
  switch (kind) {
    case 'intervene-now':
      return recovery.justified === true ? 'recover-first' : 'act-first';
    case 'investigate':
      return 'diagnose-first';
    case 'inconclusive':
      return 'collect-first';
    default:
      return 'nothing';
  }
};

const textOf = (order: Decision['order'], minutes: number): string => {
  switch (order) {
    case 'recover-first':
      return 'Recover first: this bundle holds the evidence, the cause can be understood afterwards.';
    case 'act-first':
      return 'Act on the cause first; a recovery of data is not called for.';
    case 'diagnose-first':
      return `Diagnose first, for at most ${minutes} minutes; when the cause is not removed by then, call for help.`;
    case 'collect-first':
      return `Get the missing evidence first, within ${minutes} minutes; when it cannot be had, call who can supply it.`;
    case 'nothing':
      return 'Nothing has to be decided now.';
  }
};

const any = <T>(wanted: readonly T[] | undefined, there: ReadonlySet<T>): boolean =>
  wanted === undefined || wanted.some((each) => there.has(each));

/** What to do first under a policy, for how long, and whom it says to call. */
export const decision = (input: Case, verdict: Verdict, diagnosis: Diagnosis, policy: Policy): Decision => {
  const order = orderOf(verdict);
  const causes = diagnosis.causes.filter(({ when, confidence }) => when === 'now' && confidence.level !== 'low');
  const owners = new Set(causes.map(({ owner }) => owner));
  const rules = new Set(causes.map(({ rule }) => rule as string));
  const barriers = new Set(
    input
      .artifacts('access-map')
      .flatMap(({ value }) => value.entries)
      .flatMap(({ access, barrier }) => (access === 'full' || barrier === undefined ? [] : [barrier])),
  );
  const calm = new Set(['healthy', 'transient']);
  const called = policy.escalation.filter(
    (entry) =>
      any(entry.owners, owners) &&
      any(entry.causes, rules) &&
      any(entry.barriers, barriers) &&
      // Without a word about verdicts nobody is called for a healthy cluster.
      (entry.verdicts === undefined ? !calm.has(verdict.kind) : entry.verdicts.includes(verdict.kind)),
  );
  return {
    order,
    text: textOf(order, policy.diagnosis.limitMinutes),
    ...(order === 'diagnose-first' || order === 'collect-first' ? { limitMinutes: policy.diagnosis.limitMinutes } : {}),
    policy: { name: policy.name, origin: policy === defaultPolicy ? 'built-in' : 'file' },
    escalation: called.map(({ contact }) => contact),
  };
};
