/** Longest string that reaches a rendering, in characters; the whole stands in report.json. */
const MAX_TEXT = 1500;

// Controls, bidirectional overrides, zero-width characters, line separators and lone surrogates can hide or reorder what
// a reader sees, and escaping for HTML or Markdown leaves them in place.
const DECEPTIVE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** One string made safe to look at: deceptive characters become U+FFFD, overlong text is cut with an ellipsis. */
export const cleanText = (text: string): string => {
  const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  return cut.replace(DECEPTIVE, '\ufffd');
};

/** A deep copy in plain objects and arrays with every string, keys too, passed through `cleanText`. */
export const cleanReport = <T>(value: T): T => clean(value) as T;

const clean = (value: unknown): unknown => {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  // fromEntries defines own properties, so a key named __proto__ stays a key.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [cleanText(key), clean(item)]));
};
