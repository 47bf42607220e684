import { catalog, isArtifactKind } from '../../../schemas/index.js';
import { absent, defineFact, observed } from '../../fact.js';

/** States in which a read gave all it was asked for; `empty` and `not-applicable` are answers. */
const complete: ReadonlySet<string> = new Set(['ok', 'empty', 'not-applicable']);

export default defineFact({
  scope: 'cluster',
  id: 'coverage',
  title: 'What was planned, what was read and what was not',
  artifacts: [],
  derive: (ctx) => {
    const { items } = ctx.case;
    if (items.length === 0) return absent('fact', 'no bundle tells what was planned');
    const states = new Map<string, number>();
    const kinds = new Map<string, { planned: number; ok: number }>();
    for (const item of items) {
      states.set(item.state, (states.get(item.state) ?? 0) + 1);
      const kind = kinds.get(item.kind) ?? { planned: 0, ok: 0 };
      kind.planned += 1;
      if (complete.has(item.state) && item.damage === undefined) kind.ok += 1;
      kinds.set(item.kind, kind);
    }
    const gaps = items
      .filter((item) => !complete.has(item.state) || item.damage !== undefined)
      .filter((item) => !isArtifactKind(item.kind) || catalog[item.kind].scope !== 'collection')
      .map((item) => ({
        kind: item.kind,
        target: item.targetId,
        round: item.round ?? null,
        state: item.state,
        reason: item.damage === undefined ? (item.reason ?? item.state) : `damaged: ${item.damage.join('; ')}`,
        bundleId: item.bundleId,
        permission: item.permission ?? null,
      }));
    return observed({
      planned: items.length,
      states: Object.fromEntries([...states].sort(([a], [b]) => (a < b ? -1 : 1))),
      kinds: Object.fromEntries([...kinds].sort(([a], [b]) => (a < b ? -1 : 1))),
      gaps,
      windowSeconds: Math.max(0, (ctx.case.window.to - ctx.case.window.from) / 1000),
      rounds: ctx.case.rounds,
      maxSkewMs: ctx.case.maxSkewMs,
    });
  },
});
