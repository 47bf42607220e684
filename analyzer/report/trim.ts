/** What was kept, and whether any list or text had to be cut. */
export interface Trimmed<T> {
  readonly value: T;
  readonly cut: boolean;
}

/** A copy of a view with every list cut to `rows` entries and every string to `chars` characters (then an ellipsis). */
export const trim = <T>(view: T, rows: number, chars = Number.POSITIVE_INFINITY): Trimmed<T> => {
  let cut = false;
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') {
      if (value.length <= chars) return value;
      cut = true;
      return `${value.slice(0, chars)}…`;
    }
    if (Array.isArray(value)) {
      if (value.length > rows) cut = true;
      return value.slice(0, rows).map(walk);
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item)]));
  };
  return { value: walk(view) as T, cut };
};
