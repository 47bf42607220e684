import { idText } from './raft-records.js';

/** A member as a file of etcd records it. */
export interface StoredMember {
  readonly id: string;
  readonly name?: string;
  readonly peerUrls: string[];
  readonly clientUrls: string[];
  readonly isLearner?: boolean;
}

export interface V2Membership {
  readonly members: StoredMember[];
  /** Ids of members that were removed, the last 100. */
  readonly removed: string[];
  readonly clusterVersion?: string;
}

const MAX_MEMBERS = 64;
const MAX_REMOVED = 100;
const MAX_TEXT = 512;
const MAX_URLS = 16;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The id that etcd writes as hex without leading zeros. */
export const idOfHex = (text: string): string | undefined =>
  /^[0-9a-f]{1,16}$/.test(text) ? idText(BigInt(`0x${text}`)) : undefined;

/** A version as etcd writes it; anything else is no version. */
export const versionText = (text: string): string | undefined =>
  /^\d{1,5}\.\d{1,5}(\.\d{1,5})?([-+][0-9A-Za-z.+-]{1,40})?$/.test(text) ? text : undefined;

const urlsOf = (value: unknown): string[] =>
  Array.isArray(value)
    ? value
        .filter((url): url is string => typeof url === 'string')
        .slice(0, MAX_URLS)
        .map((url) => url.slice(0, MAX_TEXT))
    : [];

/** A member from the JSON that etcd stores for it; the id comes from the key, because JSON numbers lose it. */
export const memberOf = (id: string, value: unknown): StoredMember => {
  const fields = isObject(value) ? value : {};
  const { name } = fields;
  return {
    id,
    ...(typeof name === 'string' && name !== '' ? { name: name.slice(0, MAX_TEXT) } : {}),
    peerUrls: urlsOf(fields.peerURLs),
    clientUrls: urlsOf(fields.clientURLs),
    ...(fields.isLearner === true ? { isLearner: true } : {}),
  };
};

/** The same from its bytes; `undefined` when they are no JSON object. */
export const parseMember = (id: string, bytes: Buffer): StoredMember | undefined => {
  const value = parse(bytes.toString('utf8'));
  return isObject(value) ? memberOf(id, value) : undefined;
};

const childrenOf = (node: unknown): Record<string, unknown> =>
  isObject(node) && isObject(node.Children) ? node.Children : {};

const childOf = (node: unknown, name: string): unknown => {
  const children = childrenOf(node);
  return Object.hasOwn(children, name) ? children[name] : undefined;
};

const textOf = (node: unknown): string | undefined =>
  isObject(node) && typeof node.Value === 'string' ? node.Value : undefined;

/**
 * The membership in a v2 store (the payload of a `.snap` file, JSON): below `/0/members`, `/0/removed_members` and `/0/version`. `undefined`
 * when the bytes are no such store. Nothing else of the store is taken.
 */
export const readV2Membership = (bytes: Buffer): V2Membership | undefined => {
  const store = parse(bytes.toString('utf8'));
  const cluster = isObject(store) ? childOf(store.Root, '0') : undefined;
  if (cluster === undefined) return undefined;
  const members = Object.entries(childrenOf(childOf(cluster, 'members')))
    .slice(0, MAX_MEMBERS)
    .flatMap(([key, node]) => {
      const id = idOfHex(key);
      if (id === undefined) return [];
      const parts = ['raftAttributes', 'attributes'].map((name) => parse(textOf(childOf(node, name)) ?? ''));
      return [memberOf(id, Object.assign({}, ...parts.filter(isObject)))];
    });
  const removed = Object.keys(childrenOf(childOf(cluster, 'removed_members'))).flatMap((key) => idOfHex(key) ?? []);
  const clusterVersion = versionText(textOf(childOf(cluster, 'version')) ?? '');
  return {
    members,
    removed: removed.slice(-MAX_REMOVED),
    ...(clusterVersion === undefined ? {} : { clusterVersion }),
  };
};
