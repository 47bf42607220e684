import type { Facts } from '../fact.js';
import type { VerdictInput } from '../verdict.js';
import { votersAmong } from './cluster.js';
import { timeline } from './timeline.js';

const SIGNS = 4;

/** What the logs show in the window, as `late heartbeat (m2, 36 times)`, most frequent first; elections and errors before warnings. */
const signsOf = (facts: Facts): string[] => {
  const { lanes, window } = timeline(facts);
  const signs = lanes.flatMap(({ name, events }) => {
    const counts = new Map<string, { count: number; weight: number }>();
    for (const { at, label, count, tone } of events) {
      if (tone === 'info' || at < window.from) continue;
      const known = counts.get(label) ?? { count: 0, weight: tone === 'warning' ? 1 : 2 };
      counts.set(label, { ...known, count: known.count + count });
    }
    return [...counts].map(([label, { count, weight }]) => ({ name, label, count, weight }));
  });
  return signs
    .sort((a, b) => b.weight - a.weight || b.count - a.count || (a.label < b.label ? -1 : 1))
    .slice(0, SIGNS)
    .map(({ name, label, count }) => `${label} (${name}, ${count === 1 ? 'once' : `${count} times`})`);
};

/** For the verdict: what an import tells; nothing when at least one bundle was collected. */
export const importedEvidence = (facts: Facts): Pick<VerdictInput, 'imported'> => {
  const { bundles } = facts.case;
  if (bundles.length === 0 || bundles.some(({ imported }) => imported === undefined)) return {};
  return {
    imported: {
      votersKnown: facts.cluster('membership').ok,
      votersAsked: votersAmong(facts).filter(({ reachable }) => reachable !== null).length,
      signs: signsOf(facts),
    },
  };
};
