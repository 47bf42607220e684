/** Raft entries of one term with consecutive indexes. */
export interface EntryRun {
  readonly term: number;
  readonly first: number;
  last: number;
}

/** A jump in the indexes: the entries between are not in the log. */
export interface EntryGap {
  readonly after: number;
  readonly before: number;
}

/** The log as runs of entries, the way etcd would read it: an entry with an index that was there replaces all from it on. */
export interface EntryRuns {
  readonly runs: EntryRun[];
  readonly gaps: EntryGap[];
  /** Entries that later ones replaced. */
  replaced: number;
  /** Older runs that were dropped to stay within the bound. */
  dropped: number;
}

const MAX_RUNS = 1000;
const MAX_GAPS = 100;

export const newRuns = (): EntryRuns => ({ runs: [], gaps: [], replaced: 0, dropped: 0 });

/** Appends one run (or one entry, with first = last). */
export const appendRun = (log: EntryRuns, term: number, first: number, last: number): void => {
  const { runs, gaps } = log;
  let tail = runs.at(-1);
  while (tail !== undefined && tail.first >= first) {
    log.replaced += tail.last - tail.first + 1;
    runs.pop();
    tail = runs.at(-1);
  }
  if (tail !== undefined && tail.last >= first) {
    log.replaced += tail.last - first + 1;
    tail.last = first - 1;
  }
  if (tail !== undefined && first > tail.last + 1 && gaps.length < MAX_GAPS)
    gaps.push({ after: tail.last, before: first });
  if (tail !== undefined && tail.term === term && tail.last + 1 === first) {
    tail.last = last;
    return;
  }
  runs.push({ term, first, last });
  if (runs.length > MAX_RUNS) {
    runs.shift();
    log.dropped += 1;
  }
};
