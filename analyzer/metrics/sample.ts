/** One sample of a scrape. */
export interface Sample {
  /** Null-prototype record: label names come from outside. */
  readonly labels: Readonly<Record<string, string | undefined>>;
  /** May be NaN or infinite. */
  readonly value: number;
  /** The value as printed: exact where the number is above 2^53. */
  readonly text: string;
}

export interface ParseLimits {
  readonly maxChars: number;
  readonly maxLines: number;
  readonly maxNames: number;
  /** Longest line that is looked into, characters. */
  readonly maxLine: number;
  readonly maxLabels: number;
}

/** Names of metrics and labels; labels may not hold a colon, which is let pass. */
export const metricName = /^[A-Za-z_:][A-Za-z0-9_:]*$/;

const noLabels: Readonly<Record<string, string>> = Object.freeze(Object.create(null) as Record<string, string>);

/** Parses what follows the name: optional labels, value, optional timestamp, optional exemplar after `#`. */
export const parseLine = (text: string, from: number, end: number, limits: ParseLimits): Sample | undefined => {
  let at = from;
  let labels = noLabels;
  if (text.charCodeAt(at) === 123) {
    const read = parseLabels(text, at + 1, end, limits);
    if (read === undefined) return undefined;
    labels = read.labels;
    at = read.next;
  }
  const tail = text.slice(at, end);
  const exemplar = tail.indexOf('#');
  const [raw, timestamp, more] = (exemplar === -1 ? tail : tail.slice(0, exemplar)).trim().split(/[ \t]+/);
  if (raw === undefined || raw === '' || more !== undefined) return undefined;
  if (timestamp !== undefined && !/^[+-]?[0-9.]+$/.test(timestamp)) return undefined;
  const value = parseValue(raw);
  return value === undefined ? undefined : { labels, value, text: raw };
};

const decimal = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

const parseValue = (raw: string): number | undefined => {
  if (decimal.test(raw)) return Number(raw);
  switch (raw.toLowerCase()) {
    case 'nan':
      return Number.NaN;
    case '+inf':
    case 'inf':
      return Number.POSITIVE_INFINITY;
    case '-inf':
      return Number.NEGATIVE_INFINITY;
    default:
      return undefined;
  }
};

const isSpace = (code: number): boolean => code === 32 || code === 9;

const parseLabels = (
  text: string,
  from: number,
  end: number,
  limits: ParseLimits,
): { labels: Record<string, string>; next: number } | undefined => {
  const labels = Object.create(null) as Record<string, string>;
  let at = from;
  for (let count = 0; count <= limits.maxLabels; count += 1) {
    while (at < end && (isSpace(text.charCodeAt(at)) || text.charCodeAt(at) === 44)) at += 1;
    if (text.charCodeAt(at) === 125) return { labels, next: at + 1 };
    const equals = text.indexOf('=', at);
    if (equals === -1 || equals >= end) return undefined;
    const name = text.slice(at, equals).trim();
    at = equals + 1;
    while (at < end && isSpace(text.charCodeAt(at))) at += 1;
    if (text.charCodeAt(at) !== 34 || !metricName.test(name)) return undefined;
    const value = quoted(text, at + 1, end);
    if (value === undefined) return undefined;
    labels[name] = value.text;
    at = value.next;
  }
  return undefined;
};

const quoted = (text: string, from: number, end: number): { text: string; next: number } | undefined => {
  let at = from;
  let escaped = false;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (code === 34) return { text: escaped ? unescaped(text.slice(from, at)) : text.slice(from, at), next: at + 1 };
    if (code === 92) {
      escaped = true;
      at += 1;
    }
    at += 1;
  }
  return undefined;
};

const unescaped = (raw: string): string => raw.replace(/\\([\\"n])/g, (_, c: string) => (c === 'n' ? '\n' : c));
