import { endpointSlug, type MemberListArtifact } from '../../schemas/index.js';
import { hostPort } from '../bundle/fold-seeds.js';
import type { Piece, Who } from './types.js';

/** A member of the case-to-be. */
export interface Known {
  /** Target id: 16 hex digits, or `endpoint-<slug>` where the evidence names no id. */
  readonly id: string;
  name: string;
  isLearner?: boolean;
  readonly clientUrls: Set<string>;
  readonly peerUrls: Set<string>;
  /** `host:port` at which it was reached. */
  endpoint?: string;
}

export interface Identities {
  readonly members: ReadonlyMap<string, Known>;
  /** The member that something is of. */
  readonly of: (who: Who) => string;
  /** Members that were joined or told apart by less than an id, a name or an address. */
  readonly notes: readonly string[];
}

const isLoopback = (address: string): boolean => /^(?:127\.|localhost|\[?::1)/.test(address);
const hostOf = (address: string): string => address.replace(/:\d+$/, '');

/** Words of file names that tell what a file is, not whose. */
const COMMON =
  /^(?:etcd|etcds|server|log|logs|metrics?|prom|txt|json|gz|out|status|health|member|list|endpoint|current|previous|pod|kube|system|scrape|before|after|first|second|t?\d*|[ab])$/i;

const wordsOf = (label: string): string[] =>
  label
    .split(/[/:]/)
    .slice(-2)
    .join('/')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => !COMMON.test(word));

const isWho = (about: Piece['about']): about is Who => about !== 'cluster' && 'label' in about;

/** The only entry of an index; undefined when there is none or more than one. */
const only = (ids: ReadonlySet<string> | undefined): string | undefined =>
  ids !== undefined && ids.size === 1 ? [...ids][0] : undefined;

const index = (): {
  readonly add: (key: string, id: string) => void;
  readonly find: (key: string) => string | undefined;
} => {
  const map = new Map<string, Set<string>>();
  return {
    add: (key, id) => {
      const ids = map.get(key) ?? new Set();
      map.set(key, ids.add(id));
    },
    find: (key) => only(map.get(key)),
  };
};

/** RKE2 and k3s call a member after its host with eight hex digits behind it. */
export const isNamedAfter = (name: string, node: string): boolean =>
  name === node || (name.startsWith(`${node}-`) && /^-[0-9a-f]{8}$/.test(name.slice(node.length)));

/**
 * Decides which pieces are of one member: by id, else by name, client address, node, and last by a word that only one member's
 * name or file has. What stays unknown gets a placeholder after its name or file, and a note.
 */
export const identify = (pieces: readonly Piece[]): Identities => {
  const members = new Map<string, Known>();
  const notes = new Set<string>();
  const [names, addresses, hosts, words] = [index(), index(), index(), index()];
  const memberOf = (id: string): Known => {
    const known = members.get(id) ?? { id, name: '', clientUrls: new Set<string>(), peerUrls: new Set<string>() };
    members.set(id, known);
    return known;
  };
  const learn = (id: string, who: { name?: string | undefined; address?: string | undefined }): void => {
    const member = memberOf(id);
    if (who.name !== undefined && who.name !== '') {
      if (member.name === '') member.name = who.name;
      names.add(who.name, id);
      for (const word of wordsOf(who.name)) words.add(word, id);
    }
    if (who.address !== undefined) {
      addresses.add(who.address, id);
      if (!isLoopback(who.address)) hosts.add(hostOf(who.address), id);
    }
  };
  for (const { kind, value } of pieces) {
    if (kind !== 'member-list' || value === undefined) continue;
    for (const listed of (value as MemberListArtifact).members) {
      learn(listed.id, { name: listed.name });
      for (const url of listed.clientURLs) learn(listed.id, { address: hostPort(url) });
      for (const url of listed.peerURLs) if (!isLoopback(hostPort(url))) hosts.add(hostOf(hostPort(url)), listed.id);
      const member = memberOf(listed.id);
      for (const url of listed.clientURLs) member.clientUrls.add(url);
      for (const url of listed.peerURLs) member.peerUrls.add(url);
      member.isLearner = listed.isLearner;
    }
  }
  const whos = pieces.map(({ about }) => about).filter(isWho);
  for (const who of whos) {
    if (who.id === undefined) continue;
    learn(who.id, who);
    for (const word of wordsOf(who.label)) words.add(word, who.id);
    if (who.address !== undefined) memberOf(who.id).endpoint ??= who.address;
  }
  const byNode = (node: string): string | undefined =>
    only(new Set([...members.values()].filter(({ name }) => isNamedAfter(name, node)).map(({ id }) => id))) ??
    hosts.find(node);
  const byWord = (who: Who): string | undefined => {
    const found = new Set(
      wordsOf(who.label)
        .map((word) => words.find(word))
        .filter((id) => id !== undefined),
    );
    const id = only(found);
    if (id !== undefined)
      notes.add(`${who.label} was taken as of ${members.get(id)?.name || id}, by its file name alone.`);
    return id;
  };
  const known = (who: Who): string | undefined =>
    who.id ??
    (who.name === undefined ? undefined : names.find(who.name)) ??
    (who.address === undefined ? undefined : addresses.find(who.address)) ??
    (who.node === undefined ? undefined : byNode(who.node)) ??
    (who.address === undefined ? undefined : hosts.find(hostOf(who.address)));
  const placeholder = (who: Who): string => {
    const key = who.name ?? who.node ?? who.address ?? who.label;
    const id = `endpoint-${endpointSlug(key)}`;
    const isNew = !members.has(id);
    const member = memberOf(id);
    if (member.name === '') member.name = who.name ?? who.node ?? (who.address === undefined ? who.label : '');
    if (who.address !== undefined) member.endpoint ??= who.address;
    if (isNew)
      notes.add(
        `${who.label}: no member id is in it; it counts as a member of its own under the name ${member.name || key}.`,
      );
    return id;
  };
  const settled = new Map<Who, string>();
  // A list says of many members, and of the one that answered only when it names it.
  const own = pieces.filter(({ kind, about }) => isWho(about) && (kind !== 'member-list' || about.id !== undefined));
  for (const { about } of own)
    if (isWho(about) && !settled.has(about)) settled.set(about, known(about) ?? byWord(about) ?? placeholder(about));
  return { members, of: (who) => settled.get(who) ?? endpointSlug(who.label), notes: [...notes] };
};
