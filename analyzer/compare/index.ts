import { type Diff, validate } from '../../schemas/index.js';
import { analyze } from '../analyze.js';
import type { Case } from '../bundle/case.js';
import { createFacts } from '../facts/index.js';
import { VERSION } from '../version.js';
import { certificates } from './areas/certificates.js';
import { configuration } from './areas/configuration.js';
import { findings } from './areas/findings.js';
import { hosts } from './areas/hosts.js';
import { latency } from './areas/latency.js';
import { load } from './areas/load.js';
import { logs } from './areas/logs.js';
import { membership } from './areas/membership.js';
import { sizes } from './areas/sizes.js';
import { versions } from './areas/versions.js';
import { type Area, type AreaResult, byWeight, type Comparison, joined } from './change.js';
import { limitRows, methods } from './limits.js';
import { labelOf, matchMembers, processOf } from './match.js';
import type { Snapshot } from './snapshot.js';

const areas: readonly (readonly [Area, (input: Comparison) => AreaResult])[] = [
  ['finding', findings],
  ['membership', membership],
  ['version', versions],
  ['configuration', configuration],
  ['latency', latency],
  ['load', load],
  ['size', sizes],
  ['host', hosts],
  ['certificate', certificates],
  ['log', logs],
];

const time = (ms: number): string => new Date(ms).toISOString();

const sideOf = ({ case: input, report }: Snapshot): Diff['current'] => ({
  files: input.bundles.map(({ file }) => file),
  bundles: input.bundles.map(({ id }) => id),
  from: time(input.collection.from),
  to: time(input.collection.to),
  clusterIds: [...input.clusterIds],
  verdict: report.verdict.kind,
  headline: report.verdict.headline,
});

/** Null when one side named no cluster. */
export const isSameCluster = (a: Case, b: Case): boolean | null =>
  a.clusterIds.length === 0 || b.clusterIds.length === 0 ? null : a.clusterIds.some((id) => b.clusterIds.includes(id));

/** A case with its facts and report, ready to be compared. */
export const snapshotOf = (input: Case, now: Date): Snapshot => ({
  case: input,
  facts: createFacts(input),
  report: analyze(input, { now }),
});

const notesOf = (input: Comparison): string[] => {
  const notes: string[] = [];
  if (input.sameCluster === false)
    notes.push(
      'The two are of different clusters. Members are matched by name or address; what belongs to the data (revision, term, growth) is not compared.',
    );
  if (input.sameCluster === null)
    notes.push('One of the two names no cluster id, so that they are of one cluster is taken on trust.');
  if (!input.namesComparable)
    notes.push(
      'Names and addresses of the two are tokens of different series keys, or tokens here and names there: they cannot be matched. Members are matched by id only; URLs and names in certificates are not compared. Collect with one --series-key.',
    );
  const bundles = new Set(input.before.case.bundles.map(({ id }) => id));
  const twice = input.after.case.bundles.filter(({ id }) => bundles.has(id)).map(({ file }) => file);
  if (twice.length > 0) notes.push(`${twice.join(', ')} is compared with itself.`);
  else if (input.seconds < 0) notes.push('The baseline is not older than the collection compared with it.');
  if (input.before.report.verdict.kind !== 'healthy')
    notes.push(
      `The baseline is not known to be good: its own verdict is ${input.before.report.verdict.kind} (${input.before.report.verdict.headline}).`,
    );
  return notes;
};

/**
 * What changed between known-good collections of a cluster and this one: a pure function of evidence and clock. `baselines` need not be in order.
 * Throws only when there is no baseline, or the result breaks its own schema.
 */
export const compareSnapshots = (baselines: readonly Snapshot[], after: Snapshot, now: Date): Diff => {
  const ordered = [...baselines].sort((a, b) => a.case.collection.to - b.case.collection.to);
  const before = ordered.at(-1);
  if (before === undefined) throw new Error('there is no baseline to compare with');
  const namings = new Set([before, after].flatMap((side) => side.case.bundles.flatMap(({ naming }) => naming ?? [])));
  const namesComparable = namings.size < 2;
  const pairsWith = (side: Snapshot) => matchMembers(side.case, after.case, namesComparable);
  const input: Comparison = {
    before,
    after,
    baselines: [...ordered].reverse().map((snapshot) => ({ snapshot, pairs: pairsWith(snapshot) })),
    pairs: pairsWith(before),
    sameCluster: isSameCluster(before.case, after.case),
    namesComparable,
    seconds: (after.case.collection.from - before.case.collection.to) / 1000,
  };
  const results = areas.map(([area, run]) => ({ area, ...run(input) }));
  const changes = results.flatMap(({ area, changes: own }) => joined(area, own)).sort(byWeight);
  const diff: Diff = {
    schema: 'etcd-evidence/diff/v1',
    generatedAt: now.toISOString(),
    tool: { name: 'etcd-analyze', version: VERSION },
    baseline: ordered.map(sideOf),
    current: sideOf(after),
    sameCluster: input.sameCluster,
    secondsBetween: input.seconds,
    members: input.pairs.map((pair) => ({
      baseline: pair.before?.id ?? null,
      current: pair.after?.id ?? null,
      name: labelOf(pair.after ?? pair.before),
      matchedBy: pair.by,
      status:
        pair.before === undefined
          ? 'added'
          : pair.after === undefined
            ? 'removed'
            : pair.by === 'id' || input.sameCluster === false
              ? 'same'
              : 'replaced',
      process: processOf(before, after, pair),
    })),
    changed: changes.some(({ significance }) => significance !== 'info'),
    changes,
    compared: results.map(({ area, unchanged }) => {
      const own = changes.filter((change) => change.area === area);
      const info = own.filter(({ significance }) => significance === 'info').length;
      return { area, unchanged, changed: own.length - info, info };
    }),
    notCompared: results.flatMap(({ area, notCompared }) => notCompared.map((each) => ({ area, ...each }))),
    notes: notesOf(input),
    methods,
    limits: limitRows(),
  };
  const checked = validate('diff', diff);
  if (!checked.ok) throw new Error(`the comparison does not fit its schema: ${checked.errors.join('; ')}`);
  return checked.value;
};

/** `compareSnapshots` of two cases. */
export const compare = (baseline: Case, current: Case, options: { readonly now: Date }): Diff =>
  compareSnapshots([snapshotOf(baseline, options.now)], snapshotOf(current, options.now), options.now);
