const MAX_DEPTH = 100;

export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };

/** What makes a parsed value unfit to be passed around; undefined when it is plain and shallow. */
const unfit = (root: unknown): string | undefined => {
  const open: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  for (let top = open.pop(); top !== undefined; top = open.pop()) {
    const { value, depth } = top;
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} levels`;
    if (Object.hasOwn(value, '__proto__')) return 'holds a key that could change other objects';
    for (const child of Object.values(value)) {
      if (typeof child === 'object' && child !== null) open.push({ value: child, depth: depth + 1 });
    }
  }
  return undefined;
};

/** Parses JSON of a bundle to plain data. `reason` completes "<path> ..." and never quotes the content. */
export const parseJson = (bytes: Uint8Array): ParsedJson => {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { ok: false, reason: 'is not valid UTF-8' };
  }
  try {
    const value: unknown = JSON.parse(text);
    const reason = unfit(value);
    return reason === undefined ? { ok: true, value } : { ok: false, reason };
  } catch {
    // The message of JSON.parse quotes the content.
    return { ok: false, reason: 'is not valid JSON' };
  }
};
