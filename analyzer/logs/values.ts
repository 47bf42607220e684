/**
 * Values printed by Go: durations, byte sizes, ids. Text may be a latin1 view of UTF-8 bytes,
 * in which the micro sign is two characters.
 */

/**
 * Seconds in the Go duration at `text[from, to)` (`1.2s`, `2m3s`, `604.07ms`, `12µs`, `-5s`), NaN when it is none.
 * A bare number is taken as seconds: zap's default duration encoder prints these.
 */
export function durationAt(text: string, from: number, to: number): number {
  let i = from;
  let sign = 1;
  if (i < to && text.charCodeAt(i) === 45) {
    sign = -1;
    i++;
  }
  if (i >= to) return Number.NaN;
  let total = 0;
  let parts = 0;
  while (i < to) {
    const start = i;
    let whole = 0;
    let c = text.charCodeAt(i);
    while (i < to && c >= 48 && c <= 57) {
      whole = whole * 10 + (c - 48);
      c = text.charCodeAt(++i);
    }
    if (i < to && c === 46) {
      // One division at the end keeps `0.1` exactly 0.1.
      let divisor = 1;
      c = text.charCodeAt(++i);
      while (i < to && c >= 48 && c <= 57) {
        whole = whole * 10 + (c - 48);
        divisor *= 10;
        c = text.charCodeAt(++i);
      }
      whole /= divisor;
    }
    if (i === start) return Number.NaN;
    if (i >= to) return parts === 0 ? sign * whole : Number.NaN;
    parts++;
    const next = i + 1 < to ? text.charCodeAt(i + 1) : 0;
    if (c === 115) {
      total += whole;
      i += 1;
    } else if (c === 109 && next === 115) {
      total += whole / 1e3;
      i += 2;
    } else if (c === 109) {
      total += whole * 60;
      i += 1;
    } else if (c === 104) {
      total += whole * 3600;
      i += 1;
    } else if (c === 110 && next === 115) {
      total += whole / 1e9;
      i += 2;
    } else if ((c === 117 || c === 0xb5 || c === 0x3bc) && next === 115) {
      total += whole / 1e6;
      i += 2;
    } else if ((c === 0xc2 || c === 0xce) && i + 2 < to && text.charCodeAt(i + 2) === 115) {
      total += whole / 1e6;
      i += 3;
    } else {
      return Number.NaN;
    }
  }
  return sign * total;
}

/** Seconds in a Go duration, `undefined` when the text is none. */
export function parseGoDuration(text: string): number | undefined {
  const seconds = durationAt(text, 0, text.length);
  return Number.isNaN(seconds) ? undefined : seconds;
}

const BYTE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Bytes in `8589934592`, `2.1 GB` (go-humanize, powers of 1000) or `8 GiB`; `undefined` when the text is none. */
export function parseByteSize(text: string): number | undefined {
  const match = /^(-?\d{1,20}(?:\.\d{1,9})?) ?([kKMGT]i?B|B)?$/.exec(text.trim());
  if (match === null) return undefined;
  const unit = match[2] === undefined ? 1 : BYTE_UNITS[match[2]];
  return unit === undefined ? undefined : Number(match[1]) * unit;
}

/** An id as 16 lower-case hex digits; anything else comes back as it is. */
export function canonicalId(text: string): string {
  return /^[0-9a-fA-F]{1,16}$/.test(text) ? text.toLowerCase().padStart(16, '0') : text;
}

/** A copy that does not keep the large string alive from which `text` was cut. */
export function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** Real text of a latin1 view of UTF-8 bytes; invalid bytes become U+FFFD, control characters and NULs a blank. */
export function readable(latin1: string, limit: number): string {
  // Slices this short are copies of their own; most are plain.
  if (latin1.length < 13 && latin1.length <= limit && /^[ -~]*$/.test(latin1)) return latin1;
  const cut = latin1.length > limit ? `${latin1.slice(0, limit)}...` : latin1;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
  return decodeLatin1(cut).replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, ' ');
}

/** Decodes a latin1 view of UTF-8 bytes. Always a detached copy. */
export function decodeLatin1(latin1: string): string {
  // Text that came through JSON escapes may hold characters that latin1 has not.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole latin1 range is meant
  if (/[^\u0000-\u00ff]/.test(latin1)) return detached(latin1);
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
