import { type Automaton, buildAutomaton } from './automaton.js';
import { isAddress } from './addresses.js';
import { isDigit, isHex, isWord, startsWord } from './text-position.js';
import type { Tokens } from './tokens.js';
import type { Emit, Trigger } from './triggers.js';

export interface Match {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** What found it. */
  readonly rule: string;
}

export interface Scanner {
  /** What has to be replaced, in order and without overlaps; of several that start at one place the longest. */
  readonly scan: (bytes: Buffer) => readonly Match[];
}

const COLON = 0x3a;
const DOT = 0x2e;

/** Emits the IPv4 address whose first dot is at `dot`; returns where to look on. */
const readAddress4 = (tokens: Tokens, bytes: Buffer, dot: number, emit: Emit): number => {
  let from = dot - 1;
  while (isDigit(bytes[from - 1]) && dot - from < 4) from -= 1;
  let to = dot;
  let groups = 1;
  let width = 0;
  while (to < bytes.length) {
    if (isDigit(bytes[to])) width += 1;
    else if (bytes[to] === DOT && isDigit(bytes[to + 1])) {
      groups += 1;
      width = 0;
    } else break;
    if (width > 3 || groups > 4) break;
    to += 1;
  }
  // More than four groups: a version or an object identifier.
  if (groups !== 4 || width > 3 || width === 0) {
    while (isDigit(bytes[to]) || (bytes[to] === DOT && isDigit(bytes[to + 1]))) to += 1;
    return to;
  }
  const before = bytes[from - 1];
  const isVersion = before === 0x76 && !isWord(bytes[from - 2]);
  if (isDigit(before) || (before === DOT && isDigit(bytes[from - 2])) || isVersion) return to;
  const token = tokens.address(bytes.toString('latin1', from, to));
  if (token !== undefined) emit(from, to, token, 'ip4');
  return to;
};

/** Emits the IPv6 or MAC address around a colon; returns where to look on. */
const readColons = (tokens: Tokens, bytes: Buffer, colon: number, emit: Emit): number => {
  const inside = (byte: number | undefined): boolean => byte === COLON || byte === DOT || isHex(byte);
  let from = colon;
  while (from > 0 && colon - from < 48 && inside(bytes[from - 1])) from -= 1;
  let to = colon;
  let colons = 0;
  while (to < bytes.length && to - from < 64 && inside(bytes[to])) {
    if (bytes[to] === COLON) colons += 1;
    to += 1;
  }
  const next = to;
  if (colons < 2) return next;
  // An escape's letter is no hex digit of the address.
  if (bytes[from - 1] === 0x5c && (bytes[from] === 0x62 || bytes[from] === 0x66)) from += 1;
  while (to > from && (bytes[to - 1] === DOT || (bytes[to - 1] === COLON && bytes[to - 2] !== COLON))) to -= 1;
  if (!startsWord(bytes, from) || isWord(bytes[to])) return next;
  const text = bytes.toString('latin1', from, to);
  if (/^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text)) {
    if (!/^(?:00:){5}00$|^(?:ff:){5}ff$/i.test(text)) emit(from, to, tokens.mac(text), 'mac');
    return next;
  }
  if (!isAddress(text)) return next;
  let zone = to;
  if (bytes[zone] === 0x25) {
    zone += 1;
    while (zone - to < 20 && (isWord(bytes[zone]) || bytes[zone] === DOT)) zone += 1;
  }
  const token = tokens.address(text);
  if (token === undefined) return next;
  // A token in brackets is no valid host of a URL.
  const bracketed = bytes[from - 1] === 0x5b && bytes[zone] === 0x5d;
  emit(bracketed ? from - 1 : from, bracketed ? zone + 1 : zone, token, 'ip6');
  return next;
};

/** Whether the colon may belong to an IPv6 or MAC address: a second one follows at once, or behind hex digits. */
const looksLikeColons = (bytes: Buffer, at: number): boolean => {
  if (bytes[at + 1] === COLON) return true;
  let next = at + 1;
  while (next - at < 6 && isHex(bytes[next])) next += 1;
  return next > at + 1 && bytes[next] === COLON;
};

/** A scanner for the given literals and triggers, and for addresses by their shape. */
export const createScanner = (tokens: Tokens, triggers: readonly Trigger[]): Scanner => {
  const automaton: Automaton = buildAutomaton(triggers.map(({ text }) => text));
  const { classes, next, width, ends, lengths } = automaton;
  const scan = (bytes: Buffer): readonly Match[] => {
    const found: Match[] = [];
    const emit: Emit = (start, end, text, rule) => {
      found.push({ start, end, text, rule });
    };
    let state = 0;
    let from4 = 0;
    let fromColon = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at] as number;
      state = next[state * width + (classes[byte] as number)] as number;
      const here = ends[state];
      if (here !== undefined) {
        for (const pattern of here) {
          triggers[pattern]?.read(bytes, at + 1 - (lengths[pattern] as number), at + 1, emit);
        }
      }
      if (byte === DOT) {
        if (at >= from4 && isDigit(bytes[at - 1]) && isDigit(bytes[at + 1]))
          from4 = readAddress4(tokens, bytes, at, emit);
      } else if (byte === COLON && at >= fromColon && looksLikeColons(bytes, at)) {
        fromColon = readColons(tokens, bytes, at, emit);
      }
    }
    found.sort((a, b) => a.start - b.start || b.end - a.end);
    const kept: Match[] = [];
    let end = 0;
    for (const match of found) {
      if (match.start < end || match.end <= match.start) continue;
      kept.push(match);
      end = match.end;
    }
    return kept;
  };
  return { scan };
};

/** The bytes with every match replaced; the very same buffer when there is none. */
export const replaceMatches = (bytes: Buffer, matches: readonly Match[]): Buffer => {
  if (matches.length === 0) return bytes;
  const size = matches.reduce((sum, { start, end, text }) => sum + text.length - (end - start), bytes.length);
  const result = Buffer.allocUnsafe(size);
  let to = 0;
  let from = 0;
  for (const { start, end, text } of matches) {
    to += bytes.copy(result, to, from, start);
    to += result.write(text, to, 'latin1');
    from = end;
  }
  bytes.copy(result, to, from);
  return result;
};
