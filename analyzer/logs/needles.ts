/**
 * Finds which of many fixed ASCII strings occur in a text, in one pass (Aho-Corasick). The automaton is a dense table over the
 * characters that occur in needles, small enough for the processor's cache.
 */
export interface NeedleSet {
  readonly next: Int32Array;
  readonly classOf: Uint8Array;
  readonly classes: number;
  /** State -> tags of the needles that end there, or undefined. */
  readonly outputs: readonly (readonly number[] | undefined)[];
}

/** Builds the automaton. `tag` is given back for each needle found. Throws for an empty or non-ASCII needle. */
export function buildNeedles(needles: readonly { text: string; tag: number }[]): NeedleSet {
  const classOf = new Uint8Array(256);
  let classes = 1;
  for (const { text } of needles) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole ASCII range is meant
    if (!/^[\u0000-\u007f]+$/.test(text)) throw new Error(`needle must be non-empty ASCII: ${JSON.stringify(text)}`);
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (classOf[c] === 0) classOf[c] = classes++;
    }
  }
  const size = needles.reduce((sum, { text }) => sum + text.length, 1);
  const next = new Int32Array(size * classes).fill(-1);
  const tags: number[][] = [[]];
  for (const { text, tag } of needles) {
    let state = 0;
    for (let i = 0; i < text.length; i++) {
      const edge = state * classes + (classOf[text.charCodeAt(i)] ?? 0);
      if (next[edge] === -1) {
        next[edge] = tags.length;
        tags.push([]);
      }
      state = next[edge] ?? 0;
    }
    tags[state]?.push(tag);
  }
  const fail = new Int32Array(size);
  const queue: number[] = [];
  for (let c = 0; c < classes; c++) {
    const child = next[c] ?? -1;
    if (child > 0) queue.push(child);
    else next[c] = 0;
  }
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head] ?? 0;
    const fallback = fail[state] ?? 0;
    tags[state]?.push(...(tags[fallback] ?? []));
    for (let c = 0; c < classes; c++) {
      const child = next[state * classes + c] ?? -1;
      const viaFail = next[fallback * classes + c] ?? 0;
      if (child === -1) {
        next[state * classes + c] = viaFail;
      } else {
        fail[child] = viaFail;
        queue.push(child);
      }
    }
  }
  return { next, classOf, classes, outputs: tags.map((list) => (list.length > 0 ? list : undefined)) };
}

/** Adds the tags of all needles in `text[from, to)` to `found` (cleared first), each once. */
export function findNeedles(set: NeedleSet, text: string, from: number, to: number, found: number[]): void {
  found.length = 0;
  const { next, classOf, classes, outputs } = set;
  let state = 0;
  for (let i = from; i < to; i++) {
    const c = text.charCodeAt(i);
    state = next[state * classes + (c < 256 ? (classOf[c] as number) : 0)] as number;
    const hits = outputs[state];
    if (hits !== undefined) {
      for (const tag of hits) if (!found.includes(tag)) found.push(tag);
    }
  }
}
