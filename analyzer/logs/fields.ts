/** Walks the top level of a one-line JSON object in place, without building values. Numbers stay text, so 64-bit ones stay exact. */
export interface FieldCursor {
  /** Where the next field is looked for: behind the opening brace or behind a value. */
  at: number;
  keyFrom: number;
  keyTo: number;
  /** The value without quotes. */
  from: number;
  to: number;
  isString: boolean;
}

export function newCursor(): FieldCursor {
  return { at: 0, keyFrom: 0, keyTo: 0, from: 0, to: 0, isString: false };
}

/** The index of the quote that ends the JSON string whose content begins at `from`, or -1 when it does not end before `limit`. */
export function endOfString(text: string, from: number, limit: number): number {
  let end = text.indexOf('"', from);
  while (end >= 0 && end < limit) {
    let backslash = end - 1;
    while (backslash >= from && text.charCodeAt(backslash) === 92) backslash--;
    if ((end - backslash) % 2 === 1) return end;
    end = text.indexOf('"', end + 1);
  }
  return -1;
}

/** Moves to the next field; false at the end of the object or where the text is no JSON. */
export function nextField(text: string, limit: number, cursor: FieldCursor): boolean {
  let i = skipBlank(text, cursor.at, limit);
  if (text.charCodeAt(i) === 44) i = skipBlank(text, i + 1, limit);
  if (i >= limit || text.charCodeAt(i) !== 34) return false;
  const keyTo = endOfString(text, i + 1, limit);
  if (keyTo < 0) return false;
  cursor.keyFrom = i + 1;
  cursor.keyTo = keyTo;
  i = skipBlank(text, keyTo + 1, limit);
  if (i >= limit || text.charCodeAt(i) !== 58) return false;
  i = skipBlank(text, i + 1, limit);
  const c = i < limit ? text.charCodeAt(i) : 0;
  if (c === 34) {
    const end = endOfString(text, i + 1, limit);
    cursor.isString = true;
    cursor.from = i + 1;
    // A line that was cut off inside this value still has its beginning.
    cursor.to = end < 0 ? limit : end;
    cursor.at = end < 0 ? limit : end + 1;
    return true;
  }
  cursor.isString = false;
  cursor.from = i;
  cursor.to = c === 123 || c === 91 ? endOfNested(text, i, limit) : endOfScalar(text, i, limit);
  cursor.at = cursor.to;
  return cursor.to > cursor.from;
}

function skipBlank(text: string, at: number, limit: number): number {
  let i = at;
  while (i < limit && (text.charCodeAt(i) === 32 || text.charCodeAt(i) === 9)) i++;
  return i;
}

function endOfScalar(text: string, at: number, limit: number): number {
  let i = at;
  while (i < limit) {
    const c = text.charCodeAt(i);
    if (c === 44 || c === 125 || c === 93 || c === 32) break;
    i++;
  }
  return i;
}

function endOfNested(text: string, at: number, limit: number): number {
  let depth = 0;
  for (let i = at; i < limit; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) {
      const end = endOfString(text, i + 1, limit);
      if (end < 0) return limit;
      i = end;
    } else if (c === 123 || c === 91) {
      depth++;
    } else if (c === 125 || c === 93) {
      depth--;
      if (depth === 0) return i + 1;
    }
  }
  return limit;
}

/** The content of a JSON string with its escapes resolved; unchanged when they are not valid. */
export function unescapeJson(content: string): string {
  if (!content.includes('\\')) return content;
  try {
    const value: unknown = JSON.parse(`"${content}"`);
    return typeof value === 'string' ? value : content;
  } catch {
    return content;
  }
}
