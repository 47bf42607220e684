import { isIPv4, isIPv6 } from 'node:net';

/** What an address may tell without telling which one it is. */
export type AddressClass = 'private' | 'public' | 'linklocal';

export interface KnownAddress {
  readonly family: 4 | 6;
  /** The one spelling all others are reduced to. */
  readonly canonical: string;
  /** Its /24, or /64. */
  readonly network: string;
  readonly class: AddressClass;
}

/** Addresses that are the same everywhere and name nobody. */
const isCommon4 = (a: number, b: number, c: number, d: number): boolean =>
  a === 0 || a === 127 || a >= 224 || (a === 169 && b === 254 && c === 169 && d === 254);

const class4 = (a: number, b: number): AddressClass => {
  if (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)) return 'private';
  // Shared space of carriers (RFC 6598) and benchmarking (RFC 2544): nobody's public address.
  if ((a === 100 && b >= 64 && b < 128) || (a === 198 && (b === 18 || b === 19))) return 'private';
  return a === 169 && b === 254 ? 'linklocal' : 'public';
};

const address4 = (text: string): KnownAddress | undefined => {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  if (isCommon4(a, b, c, d)) return undefined;
  return { family: 4, canonical: `${a}.${b}.${c}.${d}`, network: `${a}.${b}.${c}`, class: class4(a, b) };
};

/** The eight groups of an IPv6 address, or `undefined` when it is none. */
const groupsOf = (text: string): number[] | undefined => {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const plain =
    dotted === null
      ? text
      : `${dotted[1]}${((Number(dotted[2]) << 8) | Number(dotted[3])).toString(16)}:${((Number(dotted[4]) << 8) | Number(dotted[5])).toString(16)}`;
  const [head = '', tail] = plain.split('::');
  const parse = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const left = parse(head);
  if (tail === undefined) return left.length === 8 ? left : undefined;
  const right = parse(tail);
  return [...left, ...new Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0), ...right];
};

const address6 = (text: string): KnownAddress | undefined => {
  const groups = groupsOf(text.replace(/%.*$/, '').toLowerCase());
  if (groups?.length !== 8) return undefined;
  const [first = 0, , , , , sixth = 0, seventh = 0, last = 0] = groups;
  const zeros = groups.slice(0, 5).every((group) => group === 0);
  if (zeros && sixth === 0xffff) {
    return address4(`${seventh >> 8}.${seventh & 255}.${last >> 8}.${last & 255}`);
  }
  if (zeros && sixth === 0 && seventh === 0 && last <= 1) return undefined;
  if (first >> 8 === 0xff) return undefined;
  const hex = groups.map((group) => group.toString(16));
  return {
    family: 6,
    canonical: hex.join(':'),
    network: hex.slice(0, 4).join(':'),
    class: (first & 0xfe00) === 0xfc00 ? 'private' : (first & 0xffc0) === 0xfe80 ? 'linklocal' : 'public',
  };
};

/** An address that names one place; `undefined` for text that is none, and for loopback, wildcard, multicast and the like. */
export const knownAddress = (text: string): KnownAddress | undefined => {
  if (isIPv4(text)) return address4(text);
  return isIPv6(text) ? address6(text) : undefined;
};

export const isAddress = (text: string): boolean => isIPv4(text) || isIPv6(text);

/** A dot of a regular expression, as it is and inside strings once and twice. */
export const regexDots = ['\\.', '\\\\.', '\\\\\\\\.'] as const;

/** Other ways in which an address is written in names, paths and reverse zones, and, where asked for, in queries. */
export const spellingsOf = (address: KnownAddress, inQueries = false): string[] => {
  const { family, canonical } = address;
  if (family === 4) {
    const parts = canonical.split('.');
    return [
      parts.join('-'),
      parts.join('_'),
      ...(inQueries ? regexDots.map((dot) => parts.join(dot)) : []),
      `${[...parts].reverse().join('.')}.in-addr.arpa`,
    ];
  }
  const groups = canonical.split(':');
  const full = groups.map((group) => group.padStart(4, '0'));
  // A path segment has `_` in place of each colon.
  const short = shortened(canonical);
  return [
    short.replaceAll(':', '_'),
    canonical.replaceAll(':', '_'),
    short.replaceAll(':', '-'),
    canonical.replaceAll(':', '-'),
    full.join(''),
    `${[...full.join('')].reverse().join('.')}.ip6.arpa`,
  ];
};

/** RFC 5952: the longest run of zero groups as `::`. */
const shortened = (canonical: string): string => {
  const runs = [...canonical.matchAll(/(?<![^:])0(?::0)+(?![^:])/g)].sort(
    (a, b) => b[0].length - a[0].length || a.index - b.index,
  );
  const [longest] = runs;
  if (longest === undefined) return canonical;
  const before = canonical.slice(0, longest.index).replace(/:$/, '');
  const after = canonical.slice(longest.index + longest[0].length).replace(/^:/, '');
  return `${before}::${after}`;
};
