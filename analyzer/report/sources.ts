import type { ReportSource } from '../../schemas/index.js';
import type { Names } from './names.js';

/** One line of places in the bundle that belong together. */
export interface SourceView {
  /** Short: names for ids, rounds as `metrics-0…2`, files of one directory side by side. */
  readonly label: string;
  /** The label in pieces that should each stay on one line. */
  readonly parts: readonly string[];
  /** Metric, JSON pointer or line that is meant. */
  readonly pointer: string;
  /** `+2` when more of them are meant, or empty. */
  readonly pointerMore: string;
  /** Everything the line stands for, with whole paths. */
  readonly full: string;
}

export interface MergedSources {
  /** At most `SHOWN_LINES`. */
  readonly shown: readonly SourceView[];
  /** `+3 more`, or empty; `moreFull` says which. */
  readonly more: string;
  readonly moreFull: string;
  /** Whole paths, rounds as a brace expansion (`metrics-{0,2}.prom`), one per artifact. */
  readonly places: readonly { readonly path: string; readonly pointers: string }[];
  /** True when the lines shown do not say all that the places do. */
  readonly cut: boolean;
}

interface Artifact {
  readonly directory: string;
  readonly stem: string;
  readonly extension: string;
  readonly bundle: string;
  readonly rounds: Set<number>;
  readonly pointers: Set<string>;
}

const SHOWN_LINES = 2;
const MAX_SOURCES = 200;
const MAX_FILES_IN_LINE = 2;

/** `metrics-2.prom`: what the file holds, the sampling round, the format. */
const ROUND_FILE = /^(.+)-(\d{1,6})(\.[a-z]+)?$/;
const EXTENSION = /\.(json|jsonl|prom|log|txt)$/;
/** Inventory entries of the manifest: `metrics@<target>#<round>`. */
const INVENTORY = /^(.+@.+)#(\d{1,6})$/;

const artifactOf = (source: ReportSource): Artifact => {
  const path = source.path ?? source.artifact ?? '';
  const slash = path.lastIndexOf('/') + 1;
  const file = path.slice(slash);
  const round = ROUND_FILE.exec(file);
  return {
    directory: path.slice(0, slash),
    stem: round?.[1] ?? file,
    extension: round?.[3] ?? '',
    bundle: source.bundle ?? '',
    rounds: new Set(round?.[2] === undefined ? [] : [Number(round[2])]),
    pointers: new Set(source.pointer === undefined || source.pointer === '' ? [] : [source.pointer]),
  };
};

/** Same artifact of all rounds as one, in the order of first mention. */
const artifactsOf = (sources: readonly ReportSource[]): Artifact[] => {
  const found = new Map<string, Artifact>();
  for (const source of sources.slice(0, MAX_SOURCES)) {
    const item = artifactOf(source);
    const key = JSON.stringify([item.bundle, item.directory, item.stem, item.extension, item.rounds.size > 0]);
    const known = found.get(key);
    if (known === undefined) found.set(key, item);
    for (const round of item.rounds) known?.rounds.add(round);
    for (const pointer of item.pointers) known?.pointers.add(pointer);
  }
  return [...found.values()];
};

const ascending = (numbers: ReadonlySet<number>): number[] => [...numbers].sort((a, b) => a - b);

/** `-0…2` for rounds 0 to 2, seen at both ends or in between. */
const spanOf = (rounds: ReadonlySet<number>): string => {
  const [first, ...rest] = ascending(rounds);
  if (first === undefined) return '';
  const last = rest[rest.length - 1];
  return last === undefined ? `-${first}` : `-${first}…${last}`;
};

const fileLabel = (item: Artifact): string => `${item.stem.replace(EXTENSION, '')}${spanOf(item.rounds)}`;

/** `cgroup, process-0…2`: files side by side, a span that all share said once. */
const filesLabel = (items: readonly Artifact[]): string => {
  const few = items.slice(0, MAX_FILES_IN_LINE);
  const left = items.length - few.length;
  const shared = new Set(few.map((item) => spanOf(item.rounds))).size === 1;
  const files = few.map((item, index) => (shared && index < few.length - 1 ? item.stem : fileLabel(item)));
  return `${files.map((file) => file.replace(EXTENSION, '')).join(', ')}${left > 0 ? ` +${left}` : ''}`;
};

const pathOf = (item: Artifact): string => {
  const rounds = ascending(item.rounds);
  const round = rounds.length === 0 ? '' : rounds.length === 1 ? `-${rounds[0]}` : `-{${rounds.join(',')}}`;
  return `${item.directory}${item.stem}${round}${item.extension}`;
};

/** Rounds of one inventory entry as one pointer, and ids in it as names. */
const pointersOf = (item: Artifact, names: Names): string[] => {
  const rounds = new Map<string, Set<number>>();
  for (const pointer of item.pointers) {
    const match = INVENTORY.exec(pointer);
    const base = match?.[1] ?? pointer;
    const known = rounds.get(base) ?? new Set<number>();
    if (match?.[2] !== undefined) known.add(Number(match[2]));
    rounds.set(base, known);
  }
  return [...rounds].map(([base, seen]) => {
    const at = base.lastIndexOf('@') + 1;
    const named = seen.size === 0 ? base : `${base.slice(0, at)}${names.of(base.slice(at)).label}`;
    return `${named}${seen.size === 0 ? '' : spanOf(seen).replace('-', '#')}`;
  });
};

const fullOf = (item: Artifact): string =>
  [pathOf(item), [...item.pointers].join(', '), item.bundle === '' ? '' : `bundle ${item.bundle}`]
    .filter((part) => part !== '')
    .join(' · ');

const grouped = <T>(items: readonly T[], keyOf: (item: T) => string): T[][] => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
};

/** Artifacts of one directory, and the same artifacts of several members or hosts, stand in one line. */
const linesOf = (artifacts: readonly Artifact[], names: Names): SourceView[] => {
  const byDirectory = grouped(artifacts, (item) => JSON.stringify([item.bundle, item.directory]));
  const alike = grouped(byDirectory, (group) =>
    JSON.stringify([
      group.map(fileLabel),
      (group[0]?.directory ?? '').split('/').length,
      group.length === 1 ? pointersOf(group[0] as Artifact, names) : [],
    ]),
  );
  return alike.map((groups) => {
    const files = groups[0] ?? [];
    const directories = [...new Set(groups.map((group) => names.directory(group[0]?.directory ?? '')))];
    const only = files.length === 1 ? files[0] : undefined;
    const pointers = only === undefined ? [] : pointersOf(only, names);
    const label = `${directories.join(',')}${filesLabel(files)}`.replaceAll('/,', ',');
    return {
      label,
      parts: label.split(/(?<=,) /),
      pointer: pointers[0] ?? '',
      pointerMore: pointers.length > 1 ? `+${pointers.length - 1}` : '',
      full: groups.flat().map(fullOf).join('\n'),
    };
  });
};

/** Puts the places of one piece of evidence together: rounds first, then files of a member or host, then members alike. */
export const mergeSources = (sources: readonly ReportSource[], names: Names): MergedSources => {
  const artifacts = artifactsOf(sources);
  const lines = linesOf(artifacts, names);
  const shown = lines.length > SHOWN_LINES ? lines.slice(0, SHOWN_LINES - 1) : lines;
  const rest = lines.slice(shown.length);
  return {
    shown,
    more: rest.length === 0 ? '' : `+${rest.length} more`,
    moreFull: rest.map((line) => line.full).join('\n'),
    places: artifacts.map((item) => ({ path: pathOf(item), pointers: [...item.pointers].join(', ') })),
    cut: rest.length > 0 || shown.some((line) => line.full.includes('\n') || line.pointerMore !== ''),
  };
};
