import { knownAddress, regexDots, spellingsOf } from './addresses.js';
import { endsWord, startsWord } from './text-position.js';
import { isToken, type Tokens } from './tokens.js';
import type { Trigger } from './triggers.js';
import { isCommonName } from './words.js';

export type SeedKind = 'address' | 'name' | 'user' | 'path' | 'segment' | 'key' | 'host' | 'word';

/** Identities of one bundle: learnt in the first pass, searched in every spelling in the second. */
export interface Seeds {
  readonly add: (kind: SeedKind, text: string) => void;
  readonly list: () => readonly (readonly [SeedKind, string])[];
  /** The literals to search, each with how it is replaced; with `inQueries` also as they stand in regular expressions. */
  readonly triggers: (tokens: Tokens, inQueries: boolean) => Trigger[];
}

/** More identities than this, in one bundle, are no identities. */
const MAX_SEEDS = 20_000;
/** Shorter ones are searched as words only, not in encoded form. */
const MIN_ENCODED = 6;

/** Longer names are not looked for as parts of regular expressions. */
const MAX_IN_QUERY = 80;

const latin = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const literal = (
  text: string,
  replacement: string,
  rule: string,
  bounds: 'word' | 'end' | 'none' | 'exact',
): Trigger => ({
  text,
  read: (bytes, start, end, emit) => {
    if (bounds === 'word' && !startsWord(bytes, start)) return;
    if ((bounds === 'word' || bounds === 'end') && !endsWord(bytes, end)) return;
    if (bounds === 'exact' && bytes.toString('latin1', start, end) !== text) return;
    emit(start, end, replacement, rule);
  },
});

/** The characters of a Base64 text that are the same whatever stands around `text`, for its three alignments. */
export const base64Cores = (text: string): string[] =>
  [0, 1, 2].flatMap((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text, 'utf8')]);
    const first = Math.ceil((offset * 8) / 6);
    const last = Math.floor((bytes.length * 8) / 6);
    const core = bytes.toString('base64').slice(first, last);
    return core.length < 8 ? [] : [core];
  });

/** Base64 and hex of a text, in which it would survive every search for the text itself. */
const encoded = (text: string, replacement: string): Trigger[] => {
  if (Buffer.byteLength(text) < MIN_ENCODED) return [];
  const variants = [text, text.toLowerCase()];
  return [
    ...[...new Set(variants.flatMap(base64Cores))].map((core) => literal(core, replacement, 'base64', 'exact')),
    ...[...new Set(variants)].map((each) =>
      literal(Buffer.from(each, 'utf8').toString('hex'), replacement, 'hex', 'none'),
    ),
  ];
};

/** Keeps path prefixes that end in a segment of the place, longest last. */
const pathPrefixes = (tokens: Tokens, path: string): string[] => {
  const parts = path.split('/');
  return parts.flatMap((part, at) => {
    const prefix = parts.slice(0, at + 1).join('/');
    return at >= 1 && part !== '' && tokens.path(prefix) !== prefix && tokens.path(prefix).split('/')[at] !== part
      ? [prefix]
      : [];
  });
};

export const createSeeds = (): Seeds => {
  const seeds = new Map<string, readonly [SeedKind, string]>();
  const add = (kind: SeedKind, text: string): void => {
    const clean = text.trim();
    if (clean === '' || clean.length > 4096 || seeds.size >= MAX_SEEDS) return;
    if (kind === 'word') {
      if (clean.length >= 2) seeds.set(`word ${clean.toLowerCase()}`, [kind, clean]);
      return;
    }
    if (isToken(clean)) return;
    if (kind === 'address') {
      const known = knownAddress(clean);
      if (known !== undefined) seeds.set(`address ${known.canonical}`, [kind, known.canonical]);
      return;
    }
    if (kind !== 'path' && isCommonName(clean)) return;
    seeds.set(`${kind} ${kind === 'name' ? clean.toLowerCase() : clean}`, [kind, clean]);
  };
  const triggers = (tokens: Tokens, inQueries: boolean): Trigger[] => {
    const list: Trigger[] = [];
    const taken = new Set<string>();
    const put = (trigger: Trigger): void => {
      // Case is folded, so one of two spellings that differ in case alone is enough; exact ones stay apart.
      if (trigger.text === '' || taken.has(trigger.text)) return;
      taken.add(trigger.text);
      list.push(trigger);
    };
    for (const [kind, text] of seeds.values()) {
      if (kind === 'address') {
        const known = knownAddress(text);
        const token = tokens.address(text);
        if (known === undefined || token === undefined) continue;
        for (const spelling of spellingsOf(known, inQueries)) put(literal(spelling, token, 'address-spelling', 'word'));
        for (const trigger of encoded(text, token)) put(trigger);
      } else if (kind === 'name') {
        const token = tokens.name(text);
        if (token === text) continue;
        put(literal(latin(text), token, 'name', 'word'));
        // systemd and shells write the dash of a name in their own ways.
        if (text.includes('-')) put(literal(latin(text).replaceAll('-', '_'), token, 'name', 'word'));
        const dot = text.indexOf('.');
        if (dot > 0) {
          put(literal(latin(text).replaceAll('.', '_'), token, 'name', 'word'));
          put(literal(latin(text).replaceAll('.', '-'), token, 'name', 'word'));
          if (inQueries && text.length <= MAX_IN_QUERY)
            for (const written of regexDots) put(literal(latin(text).replaceAll('.', written), token, 'name', 'word'));
        }
        for (const trigger of encoded(text, token)) put(trigger);
      } else if (kind === 'path') {
        for (const prefix of pathPrefixes(tokens, text)) {
          put(literal(latin(prefix), tokens.path(prefix), 'path', 'end'));
          // A path as the name of a unit or of a file.
          const unit = prefix.slice(1).replaceAll('/', '-');
          if (unit.length >= 8)
            put(literal(latin(unit), tokens.path(prefix).slice(1).replaceAll('/', '-'), 'path', 'word'));
        }
      } else if (kind === 'word') {
        const token = tokens.word(text);
        // A few hex digits stand in ids by chance.
        put(literal(latin(text), token, 'word', /^[0-9a-f]{1,7}$/i.test(text) || text.length < 4 ? 'word' : 'none'));
        for (const trigger of encoded(text, token)) put(trigger);
      } else {
        const token =
          kind === 'user'
            ? tokens.user(text)
            : kind === 'segment'
              ? tokens.segment(text)
              : kind === 'key'
                ? tokens.key(text)
                : tokens.host(text);
        if (token === text) continue;
        put(literal(latin(text), token, kind, 'word'));
        for (const trigger of encoded(text, token)) put(trigger);
      }
    }
    return list;
  };
  return { add, list: () => [...seeds.values()], triggers };
};

/** Parts of a dotted name that identify by themselves: its first label, and its domain. */
export const nameParts = (name: string): readonly string[] => {
  const dot = name.indexOf('.');
  if (dot <= 0) return [];
  return [name.slice(0, dot)];
};
