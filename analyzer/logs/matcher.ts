import { groupOf, type FieldType, type LogSignature } from '../knowledge/log-signatures.js';
import { decodeLatin1 } from './values.js';
import { buildNeedles, findNeedles, type NeedleSet } from './needles.js';

/** A signature made ready for matching. `index` is its place in the matcher. */
export interface Compiled {
  readonly index: number;
  readonly signature: LogSignature;
  readonly group: string;
  readonly pattern: RegExp | undefined;
  /** Fields to read from a zap line, in the order of printing. */
  readonly fields: readonly FieldPlan[];
  /** Names of the places of statistics. */
  readonly slots: readonly string[];
  /** Whether the words are etcd's, not those of Go, the kernel or systemd, which other programs print as well. */
  readonly isEtcds: boolean;
  /** Groups of the pattern to read. */
  readonly groups: readonly (FieldPlan & { readonly group: string })[];
}

export interface FieldPlan {
  readonly name: string;
  readonly type: FieldType;
  /** `nameKey` of the name. */
  readonly key: number;
  /** Place of the field's statistics; an answer has two, its size and its count. */
  readonly slot: number;
}

/** A number by which field names are told apart without cutting them out of the line. Distinct within each signature (held by a test). */
export function nameKey(text: string, from: number, to: number): number {
  let key = to - from;
  for (let i = from; i < to; i++) key = (Math.imul(key, 31) + text.charCodeAt(i)) | 0;
  return key;
}

export interface Match {
  readonly compiled: Compiled;
  readonly groups: Readonly<Record<string, string | undefined>> | undefined;
}

/** What one text says: at most one message, and any number of errors named in it. */
export interface TextMatch {
  readonly primary: Match | undefined;
  readonly anywhere: readonly Match[];
}

export interface Matcher {
  readonly compiled: readonly Compiled[];
  readonly literals: ReadonlyMap<string, Compiled>;
  readonly trace: Compiled | undefined;
  /** The slow request of 3.4, which `slow-request.ts` reads by hand. */
  readonly slowRequest: Compiled | undefined;
  readonly needles: NeedleSet;
}

/** Which kind of text is being matched. */
export type Place = 'zap-message' | 'text' | 'error';

const NO_MATCH: TextMatch = { primary: undefined, anywhere: [] };

// Regular expressions see at most this much of a text: head and tail, where etcd puts its words and its durations.
const HEAD = 3072;
const TAIL = 1024;

function keyOf(name: string): number {
  return nameKey(name, 0, name.length);
}

function compile(signature: LogSignature, index: number): Compiled {
  const slots: string[] = [];
  const plan = (name: string, type: FieldType): FieldPlan => {
    const slot = slots.push(type === 'response' ? 'response-size' : name) - 1;
    if (type === 'response') slots.push('response-count');
    return { name, type, key: keyOf(name), slot };
  };
  const pattern = signature.pattern === undefined ? undefined : new RegExp(signature.pattern);
  const names = [...(signature.pattern ?? '').matchAll(/\(\?<(\w+)>/g)].map((match) => match[1] ?? '');
  const groups = names.flatMap((group) => {
    const name = signature.as?.[group] ?? group;
    const type = signature.fields?.[name];
    return type === undefined ? [] : [{ ...plan(name, type), group }];
  });
  const fields = Object.entries(signature.fields ?? {})
    .filter(([name]) => !groups.some((group) => group.name === name))
    .map(([name, type]) => plan(name, type));
  return {
    index,
    signature,
    group: groupOf(signature),
    pattern,
    fields,
    groups,
    slots,
    isEtcds: !SYSTEMS.test(signature.source),
  };
}

/** Sources of a signature that name a system, not a place in etcd. */
const SYSTEMS = /^(?:go runtime|errno|linux|systemd)\b/;

/** Prepares signatures for matching. Throws for a signature with neither message nor pattern and needles. */
export function buildMatcher(signatures: readonly LogSignature[]): Matcher {
  const compiled = signatures.map(compile);
  const literals = new Map<string, Compiled>();
  const needles: { text: string; tag: number }[] = [];
  for (const entry of compiled) {
    const { id, message, pattern, needles: own } = entry.signature;
    if (message !== undefined) literals.set(message, entry);
    else if (pattern === undefined || own === undefined || own.length === 0) {
      throw new Error(`signature ${id} has neither a message nor a pattern with needles`);
    }
    for (const text of own ?? []) needles.push({ text, tag: entry.index });
  }
  const trace = compiled.find((entry) => entry.signature.id === 'trace-range');
  const slowRequest = compiled.find((entry) => entry.signature.id === 'apply-took-too-long-34');
  return { compiled, literals, trace, slowRequest, needles: buildNeedles(needles) };
}

const candidates: number[] = [];

/**
 * Matches a text (a latin1 view of its bytes) by pattern. The message is the match that begins first, so that words quoted inside
 * a request do not count; errors are looked for in the error part of a known message, in all of an unknown one.
 */
export function matchText(matcher: Matcher, text: string, place: Place): TextMatch {
  findNeedles(matcher.needles, text, 0, text.length, candidates);
  if (candidates.length === 0) return NO_MATCH;
  const found = candidates.slice();
  const view = text.length > HEAD + TAIL ? `${text.slice(0, HEAD)} ${text.slice(-TAIL)}` : text;
  // Most text is ASCII, which is the same in both; the caches, which keep what they are given, copy it.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  const readableView = place === 'text' && !/[^\u0000-\u007f]/.test(view) ? view : decodeLatin1(view);
  let primary: Match | undefined;
  let primaryAt = Number.POSITIVE_INFINITY;
  if (place !== 'error') {
    for (const index of found) {
      const entry = matcher.compiled[index];
      if (entry?.pattern === undefined || !primaryPlace(entry.signature, place)) continue;
      const match = entry.pattern.exec(readableView);
      if (match !== null && match.index < primaryAt) {
        primary = { compiled: entry, groups: match.groups };
        primaryAt = match.index;
      }
    }
  }
  const region = primary === undefined ? readableView : (primary.groups?.['err'] ?? primary.groups?.['why'] ?? '');
  const anywhere: Match[] = [];
  for (const index of region === '' ? [] : found) {
    const entry = matcher.compiled[index];
    if (entry?.pattern === undefined || entry.signature.where !== 'anywhere') continue;
    const match = entry.pattern.exec(region);
    if (match !== null) anywhere.push({ compiled: entry, groups: match.groups });
  }
  return { primary, anywhere };
}

function primaryPlace(signature: LogSignature, place: Place): boolean {
  return signature.where === 'msg-or-text' || signature.where === (place === 'text' ? 'text' : 'msg');
}
