import type { Case, CaseItem } from '../../../../analyzer/bundle/index.js';

/** Whether somebody outside gets an answer from a member to one kind of question. */
export interface Answered {
  readonly memberId: string;
  readonly ok: boolean;
  /** Reason codes of the collector, most frequent first; empty when it answered. */
  readonly reasons: readonly string[];
}

/** Nobody tried, or nobody can tell any more what came of it. */
const unasked: ReadonlySet<string> = new Set(['skipped-by-user', 'skipped-by-budget', 'not-applicable', 'withheld']);

/**
 * Members that were asked `kind`, by what came of the last round. With bundles of several nodes a member answers when it answers
 * half of them or more: its own node reaches it through its own loopback, an outsider may not.
 */
export const answeredBy = (input: Case, kind: CaseItem['kind']): readonly Answered[] => {
  const members = new Map<string, Map<string, CaseItem[]>>();
  for (const item of input.items) {
    if (item.kind !== kind || unasked.has(item.state) || item.damage !== undefined) continue;
    const bundles = members.get(item.targetId) ?? new Map<string, CaseItem[]>();
    bundles.set(item.bundleId, [...(bundles.get(item.bundleId) ?? []), item]);
    members.set(item.targetId, bundles);
  }
  return input.members.flatMap(({ id }) => {
    const bundles = members.get(id);
    if (bundles === undefined) return [];
    const asked = [...bundles.values()].map((items) => {
      const last = Math.max(...items.map((item) => item.round ?? 0));
      return items.filter((item) => (item.round ?? 0) === last);
    });
    const got = asked.filter((items) => items.some((item) => ['ok', 'partial', 'empty'].includes(item.state)));
    const ok = got.length * 2 >= asked.length;
    const counts = new Map<string, number>();
    for (const item of asked.flat())
      if (item.reason !== undefined) counts.set(item.reason, (counts.get(item.reason) ?? 0) + 1);
    const reasons = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([reason]) => reason);
    return [{ memberId: id, ok, reasons: ok ? [] : reasons }];
  });
};
