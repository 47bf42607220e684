import { detectors, SECRET_MARKER } from './detectors.js';

export interface Redacted<T> {
  readonly value: T;
  /** Replacements made. */
  readonly count: number;
}

const keyEnd = /-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----/g;
const keyMaterial = /[A-Za-z0-9+/=\n\r\\]/;

/** A slice may start in the middle of a key: what stands before an END without its BEGIN is key material. */
const dropKeyTails = (text: string): Redacted<string> => {
  let value = '';
  let from = 0;
  let count = 0;
  for (const match of text.matchAll(keyEnd)) {
    let start = match.index;
    while (start > from && keyMaterial.test(text.charAt(start - 1))) start -= 1;
    value += text.slice(from, start) + SECRET_MARKER;
    from = match.index + match[0].length;
    count += 1;
  }
  return { value: value + text.slice(from), count };
};

/** Removes secrets from text; the very same string comes back when there is none. */
export const redactText = (text: string): Redacted<string> => {
  let value = text;
  let count = 0;
  for (const { hint, pattern, replacement } of detectors) {
    if (!hint.test(value)) continue;
    let here = 0;
    for (const _ of value.matchAll(pattern)) here += 1;
    if (here === 0) continue;
    value = value.replace(pattern, replacement);
    count += here;
  }
  if (!value.includes('PRIVATE KEY-----')) return { value, count };
  const tails = dropKeyTails(value);
  return { value: tails.value, count: count + tails.count };
};

/**
 * The same for bytes of unknown encoding. They are read as Latin-1, one character per byte, so that everything around a
 * secret keeps its exact bytes, invalid UTF-8 included.
 */
export const redactBytes = (bytes: Buffer): Redacted<Buffer> => {
  const { value, count } = redactText(bytes.toString('latin1'));
  return count === 0 ? { value: bytes, count } : { value: Buffer.from(value, 'latin1'), count };
};
