/** Bytes around a place in a text that may be nested: escaped once or more, or percent-encoded. */

const LOWER = 0x20;
const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const PERCENT = 0x25;

export const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 48 && byte <= 57;

export const isWord = (byte: number | undefined): boolean => {
  if (byte === undefined) return false;
  const lower = byte | LOWER;
  return isDigit(byte) || (lower >= 97 && lower <= 122) || byte >= 0x80;
};

export const isHex = (byte: number | undefined): boolean => {
  if (byte === undefined) return false;
  const lower = byte | LOWER;
  return isDigit(byte) || (lower >= 97 && lower <= 102);
};

/** Part of a host name. */
export const isNameByte = (byte: number | undefined): boolean =>
  byte !== undefined && byte < 0x80 && (isWord(byte) || byte === 0x2d || byte === 0x2e || byte === 0x5f);

/** Whether nothing before `at` continues the word that starts there; an escape such as `\n` or `%2F` is no word. */
export const startsWord = (bytes: Buffer, at: number): boolean => {
  const before = bytes[at - 1];
  if (!isWord(before)) return true;
  const second = bytes[at - 2];
  // \n, \t, \r, \b, \f
  if (second === BACKSLASH)
    return before === 110 || before === 116 || before === 114 || before === 98 || before === 102;
  if (!isHex(before) || !isHex(second)) return false;
  const third = bytes[at - 3];
  if (third === PERCENT) return true;
  if (third === 0x78 && bytes[at - 4] === BACKSLASH) return true;
  return isHex(third) && isHex(bytes[at - 4]) && bytes[at - 5] === 0x75 && bytes[at - 6] === BACKSLASH;
};

export const endsWord = (bytes: Buffer, end: number): boolean => !isWord(bytes[end]);

/** Where the text in quotes that begins at `from` ends: the next quote with as many backslashes as the opening one had, or the line's end. */
export const endOfQuoted = (bytes: Buffer, from: number, backslashes: number): number => {
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === 0x0a) return at;
    if (byte !== QUOTE) continue;
    let count = 0;
    while (bytes[at - 1 - count] === BACKSLASH && at - 1 - count >= from) count += 1;
    if (count <= backslashes) return at - count;
  }
  return bytes.length;
};

/** Position behind a run of backslashes and one quote at `at`, with the number of backslashes; `undefined` when there is none. */
export const openingQuote = (
  bytes: Buffer,
  at: number,
): { readonly from: number; readonly backslashes: number } | undefined => {
  let count = 0;
  while (bytes[at + count] === BACKSLASH && count < 64) count += 1;
  return bytes[at + count] === QUOTE ? { from: at + count + 1, backslashes: count } : undefined;
};
