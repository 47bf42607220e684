import type { Diff, DiffChange, DiffSubject } from '../../schemas/index.js';
import type { CaseMember } from '../bundle/case.js';
import { listed } from '../report/format.js';
import { labelOf, type MemberPair } from './match.js';
import type { Snapshot } from './snapshot.js';

export type Area = DiffChange['area'];
export type Significance = DiffChange['significance'];

/** What an area gets to compare. */
export interface Comparison {
  /** The last known-good collection: values are compared with it. */
  readonly before: Snapshot;
  /** All known-good collections with their members matched to now; distributions and rates are compared with each. */
  readonly baselines: readonly { readonly snapshot: Snapshot; readonly pairs: readonly MemberPair[] }[];
  readonly after: Snapshot;
  readonly pairs: readonly MemberPair[];
  /** Null when one side named no cluster. */
  readonly sameCluster: boolean | null;
  /** Names and addresses of the two sides are made alike. */
  readonly namesComparable: boolean;
  /** Seconds from the end of the last baseline to the start of now. */
  readonly seconds: number;
}

/** A change as an area writes it, about one subject; `{who}` in the text stands for its name, so that equal ones can be joined. */
export type Draft = Omit<DiffChange, 'area' | 'subjects'> & {
  readonly subject: DiffSubject;
  readonly others?: readonly DiffSubject[];
};

/** What an area found. */
export interface AreaResult {
  readonly changes: readonly Draft[];
  /** Compared and equal, or not provably different. */
  readonly unchanged: number;
  readonly notCompared: readonly Omit<Diff['notCompared'][number], 'area'>[];
}

/** Collects what an area finds. */
export interface Notebook {
  /** Compares two values in words; equal ones are counted. */
  readonly value: (
    before: string | null,
    after: string | null,
    change: Omit<Draft, 'before' | 'after' | 'kind'>,
  ) => void;
  readonly change: (change: Draft) => void;
  readonly unchanged: (count?: number) => void;
  readonly cannot: (what: string, reason: string) => void;
  readonly result: () => AreaResult;
}

export const notebook = (): Notebook => {
  const changes: Draft[] = [];
  const notCompared: Omit<Diff['notCompared'][number], 'area'>[] = [];
  let unchanged = 0;
  return {
    value: (before, after, change) => {
      if (before === after) unchanged += 1;
      else
        changes.push({
          ...change,
          before,
          after,
          kind: before === null ? 'new' : after === null ? 'gone' : 'changed',
        });
    },
    change: (change) => void changes.push(change),
    unchanged: (count = 1) => {
      unchanged += count;
    },
    cannot: (what, reason) => {
      if (!notCompared.some((each) => each.what === what && each.reason === reason)) notCompared.push({ what, reason });
    },
    result: () => ({ changes, unchanged, notCompared }),
  };
};

export const memberSubject = (member: CaseMember): DiffSubject => ({
  kind: 'member',
  id: member.id,
  name: labelOf(member),
});

export const hostSubject = (snapshot: Snapshot, id: string): DiffSubject => ({
  kind: 'host',
  id,
  name: snapshot.case.hosts.find((host) => host.id === id)?.name || id,
});

export const clusterSubject: DiffSubject = { kind: 'cluster', id: 'cluster', name: 'cluster' };

/** Changes of one area; those that say the same of several subjects become one. */
export const joined = (area: Area, drafts: readonly Draft[]): DiffChange[] => {
  const groups = new Map<string, [Draft, ...Draft[]]>();
  for (const draft of drafts) {
    const { kind, significance, direction, title, text, before, after } = draft;
    // What a test decided is about one subject.
    const key =
      draft.statistics === undefined
        ? JSON.stringify([kind, significance, direction, title, text, before, after])
        : draft.id;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [draft]);
    else group.push(draft);
  }
  return [...groups.values()].map((group) => {
    const [{ subject: _, others: __, ...first }] = group;
    const subjects = group.flatMap(({ subject, others = [] }) => [subject, ...others]);
    const who = listed(subjects.map(({ name }) => name));
    return { ...first, area, id: `${area}/${first.id}`, subjects, text: first.text.replaceAll('{who}', () => who) };
  });
};

const significances: readonly Significance[] = ['high', 'medium', 'low', 'info'];
const directions: readonly DiffChange['direction'][] = ['worse', 'neutral', 'better'];
const areas: readonly Area[] = [
  'finding',
  'latency',
  'membership',
  'version',
  'configuration',
  'host',
  'certificate',
  'size',
  'load',
  'log',
];

/** Worst first; then what is nearer to a cause. */
export const byWeight = (a: DiffChange, b: DiffChange): number =>
  significances.indexOf(a.significance) - significances.indexOf(b.significance) ||
  directions.indexOf(a.direction) - directions.indexOf(b.direction) ||
  areas.indexOf(a.area) - areas.indexOf(b.area) ||
  (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
