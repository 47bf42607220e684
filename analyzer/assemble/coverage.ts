import type { Report } from '../../schemas/index.js';
import type { Case } from '../bundle/case.js';
import type { Facts } from '../fact.js';
import { nameOf } from '../run-rule.js';

/** States that are no gap: the question does not arise there. */
const quiet = new Set(['ok', 'not-applicable']);

/** What was not looked at and why, one line per kind, target and reason, with what would get it. */
export const coverage = (facts: Facts): Report['coverage'] => {
  const { case: input } = facts;
  const states: Record<string, number> = {};
  const gaps = new Map<string, Report['coverage']['gaps'][number]>();
  for (const item of input.items) {
    states[item.state] = (states[item.state] ?? 0) + 1;
    if (quiet.has(item.state) || (item.state === 'partial' && item.paths.length > 0)) continue;
    const target = nameOf(input, item.targetId);
    const key = `${item.kind}|${target}|${item.state}|${item.reason ?? ''}`;
    if (gaps.has(key)) continue;
    const access = accessOf(input, item.kind, item.target.id);
    gaps.set(key, {
      what: item.kind,
      target,
      state: item.state,
      reason: item.message ?? item.reason ?? item.state,
      ...(access?.whoCanSupply === undefined ? {} : { who: access.whoCanSupply }),
      ...(access?.command === undefined ? {} : { command: access.command }),
    });
  }
  const imported = input.bundles.flatMap((bundle) => bundle.imported ?? []);
  return {
    ...(imported.length === 0
      ? {}
      : {
          imported: {
            sources: imported.flatMap(({ sources }) => sources.map(({ file, form }) => `${file}: ${form}`)),
            left: imported.flatMap(({ left }) => left.map(({ file, reason }) => `${file}: ${reason}`)),
            notes: imported.flatMap(({ notes }) => notes),
          },
        }),
    planned: input.items.length,
    states,
    gaps: [...gaps.values()],
    windowSeconds: Math.round((input.window.to - input.window.from) / 100) / 10,
    rounds: input.rounds,
    maxSkewMs: Math.round(input.maxSkewMs * 10) / 10,
  };
};

const accessOf = (input: Case, kind: string, target: string) => {
  for (const artifact of input.artifacts('access-map')) {
    const entry = artifact.value.entries.find(
      (candidate) => candidate.access !== 'full' && candidate.kinds.includes(kind) && candidate.target.id === target,
    );
    if (entry !== undefined) return entry;
  }
  return undefined;
};

/** The access map of all bundles, as far as something was withheld. */
export const accessMap = (input: Case): Report['access'] =>
  input.artifacts('access-map').flatMap((artifact) =>
    artifact.value.entries
      .filter((entry) => entry.access !== 'full')
      .map((entry) => ({
        what: entry.what,
        target: nameOf(input, entry.target.id),
        access: entry.access,
        ...(entry.deniedBy === undefined ? {} : { deniedBy: entry.deniedBy }),
        ...(entry.whoCanSupply === undefined ? {} : { whoCanSupply: entry.whoCanSupply }),
        ...(entry.command === undefined ? {} : { command: entry.command }),
      })),
  );
