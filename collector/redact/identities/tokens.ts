import { createHmac } from 'node:crypto';
import { knownAddress } from './addresses.js';
import {
  commonKeySegments,
  commonSuffixOf,
  isCommonName,
  isCommonSegment,
  isKernelPath,
  isPublicDomain,
} from './words.js';

/**
 * Kinds of identities. A token is its kind and hex digits of an HMAC of kind and canonical form under the series key, so it does not
 * depend on who saw the identity first. `name` is one kind for members and hosts, since members are often named after their hosts.
 */
export type IdentityKind = 'ip4' | 'ip6' | 'name' | 'dom' | 'host' | 'user' | 'key' | 'path' | 'mac' | 'word';

const shape = String.raw`(?:ip[46]-(?:private|public|linklocal)-[0-9a-f]{6}-[0-9a-f]{10}|name-[0-9a-f]{10}(?:\.dom-[0-9a-f]{10})?|dom-[0-9a-f]{10}|host-[0-9a-f]{12}|(?:user|key|path|mac|word)-[0-9a-f]{10})`;

/** A whole token, addresses with class and network. */
export const tokenPattern = new RegExp(`(?<![A-Za-z0-9])${shape}(?![0-9a-f])`, 'g');

const oneToken = new RegExp(`^${shape}(?:\\.|$)`);

/** Whether a name already is a token (or a name below a domain that is one). */
export const isToken = (text: string): boolean => oneToken.test(text) || /\.dom-[0-9a-f]{10}(?:\.|$)/.test(text);

export interface Tokens {
  /** Token of an address in any spelling, `undefined` for text that is none and for addresses that name nobody. */
  readonly address: (text: string) => string | undefined;
  /** Token of the name of a member or host; dotted names keep which domain they share: `name-….dom-…`. Common names stay. */
  readonly name: (text: string) => string;
  readonly host: (text: string) => string;
  readonly user: (text: string) => string;
  /** Token of a key of the store, segment by segment; `/registry/<resource>/` stays. */
  readonly key: (text: string) => string;
  /** Token of a path, segment by segment; segments of packages and installers stay. */
  readonly path: (text: string) => string;
  /** Token of one segment of a path. */
  readonly segment: (text: string) => string;
  readonly mac: (text: string) => string;
  /** A literal that the user named. */
  readonly word: (text: string) => string;
  /** Original by token, for the private map. */
  readonly originals: () => ReadonlyMap<string, string>;
  /** Whole paths that `path` changed. */
  readonly paths: () => ReadonlySet<string>;
  /** First 8 hex digits of an HMAC of a constant: equal for equal keys. */
  readonly fingerprint: string;
}

const digits = { host: 12 } as const;

/** Kubernetes's own API groups; other groups carry the name of whoever wrote them. */
export const isKnownGroup = (group: string): boolean =>
  /(?:^|\.)(?:k8s\.io|x-k8s\.io|openshift\.io|coreos\.com|cattle\.io|projectcalico\.org|cilium\.io)$/.test(group);

/** Tokens of one series. `key` is the series key. */
export const createTokens = (key: Buffer): Tokens => {
  const originals = new Map<string, string>();
  const cache = new Map<string, string>();
  const hex = (kind: string, canonical: string, length: number): string => {
    const id = `${kind}\0${canonical}`;
    const known = cache.get(id) ?? createHmac('sha256', key).update(id).digest('hex').slice(0, 20);
    cache.set(id, known);
    return known.slice(0, length);
  };
  const remember = (token: string, original: string): string => {
    if (!originals.has(token)) originals.set(token, original);
    return token;
  };
  const plain = (kind: IdentityKind, text: string, canonical = text): string =>
    isToken(text) ? text : remember(`${kind}-${hex(kind, canonical, kind === 'host' ? digits.host : 10)}`, text);

  const address = (text: string): string | undefined => {
    const known = knownAddress(text);
    if (known === undefined) return undefined;
    const kind = `ip${known.family}`;
    const token = `${kind}-${known.class}-${hex(`${kind}-net`, known.network, 6)}-${hex(kind, known.canonical, 10)}`;
    return remember(token, text.includes('%') ? text.replace(/%.*$/, '') : text);
  };

  const label = (text: string): string => (isCommonName(text) ? text : plain('name', text, text.toLowerCase()));

  const name = (text: string): string => {
    const lower = text.toLowerCase();
    if (isCommonName(lower) || isToken(lower) || isPublicDomain(lower)) return text;
    const dot = text.indexOf('.');
    if (dot < 0) return label(text);
    const suffix = commonSuffixOf(lower);
    const head = text.slice(0, dot);
    const zone = text.slice(dot + 1, text.length - suffix.length);
    const first = head === '*' ? '*' : label(head);
    if (zone.length === 0 || dot >= text.length - suffix.length) return remember2(`${first}${suffix}`, text);
    return remember2(`${first}.${plain('dom', zone, zone.toLowerCase())}${suffix}`, text);
  };
  const remember2 = (token: string, original: string): string =>
    original.startsWith('*') || isCommonName(original) ? token : remember(token, original);

  const segment = (text: string): string => {
    if (text === '' || isCommonSegment(text) || isToken(text)) return text;
    // Endings tell what a file is.
    const [, stem = text, ending = ''] =
      /^(.+?)((?:\.(?:crt|pem|key|ya?ml|conf|json|log|db|snap|wal|gz|tmp|broken|env|txt|service|slice|scope))+)$/i.exec(
        text,
      ) ?? [];
    return ending !== '' && isCommonSegment(stem) ? text : `${plain('path', stem)}${ending}`;
  };

  const paths = new Set<string>();
  const path = (text: string): string => {
    if (isKernelPath(text)) return text;
    const parts = text.split('/');
    const masked = parts
      .map((part, at) => {
        const parent = parts[at - 1];
        if ((parent === 'home' || parent === 'Users') && part !== '') return user(part);
        return segment(part);
      })
      .join('/');
    if (masked !== text && paths.size < 10_000) paths.add(text);
    return masked;
  };

  const user = (text: string): string =>
    isCommonName(text) || text.startsWith('system:') ? text : plain('user', text);

  const keySegment = (text: string): string => {
    if (
      text === '' ||
      commonKeySegments.has(text) ||
      commonKeySegments.has(text.slice(0, -1)) ||
      isCommonName(text) ||
      isToken(text)
    )
      return text;
    return plain('key', text);
  };

  const key_ = (text: string): string => {
    const parts = text.split('/');
    // Kubernetes: /registry/<resource>/... or /registry/<group>/<resource>/...
    const isRegistry =
      parts[0] === '' && (parts[1] === 'registry' || parts[1] === 'kubernetes.io' || parts[1] === 'openshift.io');
    if (!isRegistry) return parts.map(keySegment).join('/');
    const second = parts[2] ?? '';
    const grouped = second.includes('.');
    const keep = grouped ? (isKnownGroup(second) ? 4 : 2) : 3;
    return parts.map((part, at) => (at < keep && /^[a-z0-9.-]{0,80}$/.test(part) ? part : keySegment(part))).join('/');
  };

  return {
    address,
    name,
    host: (text) => plain('host', text),
    user,
    key: key_,
    path,
    segment,
    mac: (text) => plain('mac', text, text.toLowerCase().replaceAll('-', ':')),
    word: (text) => plain('word', text, text.toLowerCase()),
    originals: () => originals,
    paths: () => paths,
    fingerprint: createHmac('sha256', key).update('fingerprint').digest('hex').slice(0, 8),
  };
};
