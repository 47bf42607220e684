/** Called for each pattern that ends before `end`; the pattern's number is its place in the list. */
export type OnHit = (pattern: number, start: number, end: number) => void;

/** Finds many literal patterns in one pass over bytes (Aho-Corasick), ASCII letters in either case. */
export interface Automaton {
  /** One number per byte: what the byte is to the automaton. */
  readonly classes: Uint8Array;
  /** `next[state * width + class]`. */
  readonly next: Int32Array;
  readonly width: number;
  /** Patterns that end in a state, longest first. */
  readonly ends: readonly (readonly number[] | undefined)[];
  readonly lengths: readonly number[];
}

/** More bytes of patterns than this are refused: the table would not fit the memory a run may use. */
export const MAX_PATTERN_BYTES = 400_000;

const fold = (byte: number): number => (byte >= 65 && byte <= 90 ? byte + 32 : byte);

/** Patterns are text with one character per byte. Throws when they are too many to search for. */
export const buildAutomaton = (patterns: readonly string[]): Automaton => {
  const total = patterns.reduce((sum, pattern) => sum + pattern.length, 0);
  if (total > MAX_PATTERN_BYTES) throw new Error('there are too many names and addresses to search for');
  const classes = new Uint8Array(256);
  let width = 1;
  for (const pattern of patterns) {
    for (let at = 0; at < pattern.length; at += 1) {
      const byte = fold(pattern.charCodeAt(at));
      if (classes[byte] === 0) {
        classes[byte] = width;
        width += 1;
      }
    }
  }
  for (let byte = 65; byte <= 90; byte += 1) classes[byte] = classes[byte + 32] as number;
  const next = new Int32Array((total + 1) * width).fill(-1);
  const ends: number[][] = [[]];
  let states = 1;
  patterns.forEach((pattern, number) => {
    let state = 0;
    for (let at = 0; at < pattern.length; at += 1) {
      const slot = state * width + (classes[pattern.charCodeAt(at) & 0xff] as number);
      if (next[slot] === -1) {
        next[slot] = states;
        ends[states] = [];
        states += 1;
      }
      state = next[slot] as number;
    }
    if (pattern !== '') ends[state]?.push(number);
  });
  const fails = new Int32Array(states);
  const queue: number[] = [];
  for (let one = 0; one < width; one += 1) {
    const state = next[one] as number;
    if (state > 0) queue.push(state);
    else next[one] = 0;
  }
  for (let head = 0; head < queue.length; head += 1) {
    const state = queue[head] as number;
    const failed = fails[state] as number;
    ends[state]?.push(...(ends[failed] ?? []));
    for (let one = 0; one < width; one += 1) {
      const target = next[state * width + one] as number;
      const fallback = next[failed * width + one] as number;
      if (target === -1) next[state * width + one] = fallback;
      else {
        fails[target] = fallback;
        queue.push(target);
      }
    }
  }
  return {
    classes,
    next: next.subarray(0, states * width),
    width,
    ends: ends.map((list) => (list.length === 0 ? undefined : list)),
    lengths: patterns.map(({ length }) => length),
  };
};
