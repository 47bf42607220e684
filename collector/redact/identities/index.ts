import { gunzipSync, gzipSync } from 'node:zlib';
import { createScanner, type Match, replaceMatches, type Scanner } from './scanner.js';
import { createSeeds, nameParts, type SeedKind } from './seeds.js';
import { maskJson } from './structure.js';
import { createTokens, tokenPattern, type Tokens } from './tokens.js';
import { triggersOf } from './triggers.js';

/** Version of the rules that find identities. */
export const IDENTITY_RULESET = 'identities-1';

/** Contents longer than this, unpacked, are withheld. */
const MAX_BYTES = 512 * 1024 * 1024;

export interface Masked {
  readonly bytes: Buffer;
  /** Replacements by rule. */
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * The two passes over one bundle. `learn*` come first and only collect; the first `mask*` ends that. All throw when a content cannot be
 * searched; the caller then withholds it.
 */
export interface Identities {
  readonly tokens: Tokens;
  readonly add: (kind: SeedKind, text: string) => void;
  /** `kind` is an artifact kind, `manifest`, or anything else for contents without rules of their own. */
  readonly learnFile: (kind: string, path: string, bytes: Buffer) => void;
  readonly learnDocument: (kind: string, value: unknown) => void;
  readonly maskFile: (kind: string, path: string, bytes: Buffer) => Masked;
  readonly maskDocument: <T>(kind: string, value: T) => T;
  readonly maskText: (text: string) => string;
  /** Replacements made so far by `maskDocument` and `maskText`. */
  readonly ownReplacements: () => number;
  /** What of it is left in a content: rules and how often. Bytes of any kind; packed contents are unpacked. */
  readonly leftIn: (bytes: Buffer) => Readonly<Record<string, number>>;
}

/** Segments of keys are looked for elsewhere too, but a log may hold any number of them. */
const MAX_KEY_SEEDS = 2000;

/** Longest domain that is looked for by itself. */
const MAX_DOMAIN = 80;

const isJson = (path: string): boolean => path.endsWith('.json');
export const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;
/** zip, zstd, xz, bzip2, lz4: nothing here can look inside. */
const isPacked = (bytes: Buffer): boolean =>
  ['504b0304', '28b52ffd', 'fd377a58', '425a68', '04224d18'].some((magic) =>
    bytes.subarray(0, 4).toString('hex').startsWith(magic),
  );

/** Throws when it is damaged or too large. */
export const unzip = (bytes: Buffer): Buffer => gunzipSync(bytes, { maxOutputLength: MAX_BYTES });

/** Letters, digits, dots and dashes that are written as escapes although no syntax asks for it. */
const needless =
  /\\+u00(2[de]|3[0-9]|[46][1-9a-f]|[57][0-9a])|\\+x(2[de]|3[0-9]|[46][1-9a-f]|[57][0-9a])|%(2[de]|3[0-9]|[46][1-9a-f]|[57][0-9a])/gi;
const needlessHint = /\\u00[2-7]|\\x[2-7]|%[2-7][0-9a-f]/i;

const plainSpelling = (text: string): string =>
  text.replace(needless, (_, a?: string, b?: string, c?: string) =>
    String.fromCharCode(Number.parseInt(a ?? b ?? c ?? '3f', 16)),
  );

const addCounts = (counts: Record<string, number>, matches: readonly Match[]): void => {
  for (const { rule } of matches) counts[rule] = (counts[rule] ?? 0) + 1;
};

export const createIdentities = (key: Buffer): Identities => {
  const tokens = createTokens(key);
  const seeds = createSeeds();
  const shapes = triggersOf(tokens);
  const first = createScanner(tokens, shapes);
  let second: Scanner | undefined;
  let inDocuments: Scanner | undefined;
  let own = 0;
  // Only where queries were made can addresses stand in regular expressions.
  let inQueries = false;

  const scanner = (): Scanner => {
    if (second !== undefined) return second;
    let keys = 0;
    // What the first pass gave tokens to is what the second one looks for everywhere.
    for (const [token, original] of tokens.originals()) {
      if (/^ip[46]-/.test(token)) seeds.add('address', original);
      // Other names of a domain may stand anywhere; a single word (`lan`) is none by itself.
      else if (token.startsWith('dom-')) {
        if (original.includes('.') && original.length <= MAX_DOMAIN) seeds.add('name', original);
      } else if (token.startsWith('name-')) {
        seeds.add('name', original);
        for (const part of nameParts(original)) seeds.add('name', part);
      } else if (token.startsWith('user-')) {
        if (original.length >= 3) seeds.add('user', original);
      } else if (token.startsWith('host-')) seeds.add('host', original);
      else if (token.startsWith('word-')) seeds.add('word', original);
      // Of the segments of keys and paths only those that cannot be a word of a log line.
      else if (token.startsWith('key-') && keys < MAX_KEY_SEEDS && original.length >= 8 && /[-_.\d]/.test(original)) {
        keys += 1;
        seeds.add('key', original);
      } else if (token.startsWith('path-') && original.length >= 8 && /[-_\d]/.test(original))
        seeds.add('segment', original);
    }
    for (const path of [...tokens.paths()]) if (path.startsWith('/')) seeds.add('path', path);
    const all = [...seeds.triggers(tokens, inQueries), ...shapes];
    second = createScanner(tokens, all);
    inDocuments = createScanner(
      tokens,
      all.filter(({ ofLogs }) => ofLogs !== true),
    );
    return second;
  };

  /** Replaces in text of bytes; lines that hide an identity behind needless escapes are written plainly. */
  const maskBytes = (bytes: Buffer, counts: Record<string, number>): Buffer => {
    const { scan } = scanner();
    const hidden = hasHidden(bytes, scan);
    if (!hidden) {
      const matches = scan(bytes);
      addCounts(counts, matches);
      return replaceMatches(bytes, matches);
    }
    const lines = bytes
      .toString('latin1')
      .split('\n')
      .map((line) => {
        const plain = needlessHint.test(line) ? plainSpelling(line) : line;
        const written = Buffer.from(line, 'latin1');
        const matches = scan(written);
        if (plain === line) {
          addCounts(counts, matches);
          return replaceMatches(written, matches).toString('latin1');
        }
        const plainBytes = Buffer.from(plain, 'latin1');
        const more = scan(plainBytes);
        const use = more.length > matches.length;
        addCounts(counts, use ? more : matches);
        return (use ? replaceMatches(plainBytes, more) : replaceMatches(written, matches)).toString('latin1');
      });
    return Buffer.from(lines.join('\n'), 'latin1');
  };

  const maskLeaf = (text: string, counts: Record<string, number>): string => {
    if (text.length < 2) return text;
    const bytes = Buffer.from(text, 'utf8');
    const masked = maskBytes(bytes, counts);
    return masked === bytes ? text : masked.toString('utf8');
  };

  const maskValue = (kind: string, value: unknown, counts: Record<string, number>): unknown => {
    let whole = 0;
    const before = JSON.stringify(value);
    const masked = maskJson(tokens, kind, value, (text) => maskLeaf(text, counts));
    if (JSON.stringify(masked) === before) return value;
    const others = Object.values(counts).reduce((sum, count) => sum + count, 0);
    whole = others === 0 ? 1 : 0;
    if (whole > 0) counts['field'] = (counts['field'] ?? 0) + whole;
    return masked;
  };

  const learnText = (bytes: Buffer): void => {
    first.scan(bytes);
    const text = bytes.toString('latin1');
    if (needlessHint.test(text)) first.scan(Buffer.from(plainSpelling(text), 'latin1'));
    for (const match of text.matchAll(syslogHost)) tokens.name(match[1] ?? '');
  };

  const learnDocument = (kind: string, value: unknown): void => {
    if (kind === 'history') inQueries = true;
    maskJson(tokens, kind, value, (text) => {
      first.scan(Buffer.from(text, 'utf8'));
      return text;
    });
    for (const path of textsIn(pathFields[kind], value)) {
      if (path.startsWith('/') && path.length < 1024 && !path.includes('://')) seeds.add('path', path);
    }
    for (const key of textsIn(keyFields[kind], value)) if (key.includes('/')) seeds.add('key', key);
  };

  return {
    tokens,
    add: (kind, text) => {
      seeds.add(kind, text);
      if (kind === 'name') for (const part of nameParts(text)) seeds.add('name', part);
    },
    learnFile: (kind, path, bytes) => {
      const content = isGzip(bytes) ? unzip(bytes) : bytes;
      if (isPacked(content)) return;
      if (isJson(path)) learnDocument(kind, JSON.parse(content.toString('utf8')));
      else learnText(content);
    },
    learnDocument,
    maskFile: (kind, path, bytes) => {
      if (bytes.length > MAX_BYTES) throw new Error('too large to be searched for names and addresses');
      const counts: Record<string, number> = {};
      if (isGzip(bytes)) {
        const content = unzip(bytes);
        const masked = maskBytes(content, counts);
        return { bytes: masked === content ? bytes : gzipSync(masked, { level: 1 }), counts };
      }
      if (isPacked(bytes)) throw new Error('packed in a form that cannot be searched');
      if (isJson(path)) {
        const value: unknown = JSON.parse(bytes.toString('utf8'));
        const masked = maskValue(kind, value, counts);
        return { bytes: masked === value ? bytes : Buffer.from(`${JSON.stringify(masked, null, 1)}\n`), counts };
      }
      return { bytes: maskBytes(bytes, counts), counts };
    },
    maskDocument: <T>(kind: string, value: T): T => {
      const counts: Record<string, number> = {};
      const masked = maskValue(kind, value, counts) as T;
      own += Object.values(counts).reduce((sum, count) => sum + count, 0);
      return masked;
    },
    maskText: (text) => {
      const counts: Record<string, number> = {};
      const masked = maskLeaf(text, counts);
      own += Object.values(counts).reduce((sum, count) => sum + count, 0);
      return masked;
    },
    ownReplacements: () => own,
    leftIn: (bytes) => {
      const counts: Record<string, number> = {};
      const content = isGzip(bytes) ? unzip(bytes) : bytes;
      const look = (each: Buffer, { scan }: Scanner): void => {
        addCounts(counts, outsideTokens(each, scan(each)));
        const text = each.toString('latin1');
        if (!needlessHint.test(text)) return;
        const plain = Buffer.from(plainSpelling(text), 'latin1');
        addCounts(counts, outsideTokens(plain, scan(plain)));
      };
      const full = scanner();
      const document = asDocument(content);
      look(content, document === undefined ? full : (inDocuments ?? full));
      if (document !== undefined) {
        maskJson(tokens, '', document, (text) => {
          if (text.length > 1) look(Buffer.from(text, 'utf8'), full);
          return text;
        });
      }
      return counts;
    },
  };
};

/** The value of a content that is one JSON document, else `undefined`. */
const asDocument = (bytes: Buffer): unknown => {
  if (bytes[0] !== 0x7b && bytes[0] !== 0x5b) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
};

/** A short literal of the user may stand in the hex digits of a token by chance. */
const outsideTokens = (bytes: Buffer, matches: readonly Match[]): readonly Match[] =>
  matches.filter(({ start, end }) => {
    const from = Math.max(0, start - 48);
    const around = bytes.toString('latin1', from, end + 48);
    return ![...around.matchAll(tokenPattern)].some(
      ({ index, 0: token }) => from + index <= start && from + index + token.length >= end,
    );
  });

const hasHidden = (bytes: Buffer, scan: Scanner['scan']): boolean => {
  if (bytes.indexOf('\\u00') < 0 && bytes.indexOf('\\x') < 0 && bytes.indexOf('%') < 0) return false;
  const text = bytes.toString('latin1');
  if (!needlessHint.test(text)) return false;
  const plain = plainSpelling(text);
  return plain !== text && scan(Buffer.from(plain, 'latin1')).length > scan(bytes).length;
};

/** The host name of a line of syslog, of journalctl or of a kernel log file. */
const syslogHost =
  /^(?:\d{4}-\d\d-\d\dT[\d:.,]{8,18}(?:Z|[+-]\d\d:?\d\d)?|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) ([A-Za-z0-9][A-Za-z0-9._-]{0,252}) [A-Za-z_][^\s[\]:]{0,63}(?:\[\d{1,10}\])?:/gm;

const pathFields: Readonly<Record<string, readonly string[]>> = {
  'server-config': ['dataDir', 'walDir', 'configFile', 'flags', 'env', 'configFileValues'],
  'server-certificates': ['path'],
  filesystems: ['path', 'mountPoint'],
  'datadir-listing': ['dataDir', 'walDir'],
  'datadir-wal': ['dir'],
  'datadir-snap': ['dir'],
  'datadir-db': ['path'],
  'block-devices': ['backingFile'],
  'crash-markers': ['log', 'path'],
  'fsync-probe': ['dir', 'mountPoint', 'path'],
  'static-pods': ['path'],
  manifest: ['host-root'],
};

const keyFields: Readonly<Record<string, readonly string[]>> = {
  keyspace: ['root', 'prefix', 'notCounted'],
  manifest: ['keyspace-prefix'],
};

/** All texts below fields of these names; lists of a flag one by one. */
const textsIn = (fields: readonly string[] = [], value: unknown): string[] => {
  const wanted = new Set(fields);
  const found: string[] = [];
  const walk = (each: unknown, take: boolean, depth: number): void => {
    if (depth > 20) return;
    if (typeof each === 'string') {
      if (take) found.push(...each.split(','));
    } else if (Array.isArray(each)) for (const item of each) walk(item, take, depth + 1);
    else if (each !== null && typeof each === 'object') {
      for (const [name, item] of Object.entries(each)) walk(item, take || wanted.has(name), depth + 1);
    }
  };
  if (wanted.size > 0) walk(value, false, 0);
  return found;
};
