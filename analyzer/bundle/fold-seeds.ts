/** What all bundles said of one member, or of a seed that did not say who it is. */
export interface MemberDraft {
  id: string;
  name: string;
  targets: Set<string>;
  endpoints: Set<string>;
  clientUrls: readonly string[];
  peerUrls: readonly string[];
  isLearner: boolean;
  reachable: boolean | null;
  host?: string;
  /** Peer URLs that its process, seen on its host, advertises. */
  ownPeerUrls: readonly string[];
  /** Hosts the collectors ran on, to keep loopback addresses of different hosts apart. */
  vantages: Set<string>;
}

/** `host:port` of a URL or endpoint, lower case. */
export const hostPort = (url: string): string =>
  url
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/\/.*$/, '')
    .toLowerCase();

const hostOf = (url: string): string => hostPort(url).replace(/:\d+$/, '');

const isLoopback = (address: string): boolean => /^(127\.|localhost(:|$)|\[::1\])/.test(address);

const isUnknown = (id: string): boolean => id.startsWith('endpoint-');

export const either = (a: boolean | null, b: boolean | null): boolean | null =>
  a === true || b === true ? true : (a ?? b);

export const addressesOf = (draft: MemberDraft): Set<string> =>
  new Set([...draft.clientUrls, ...draft.endpoints].map(hostPort));

/** Whether two lists share an entry that means the same place: a loopback address does so on one host only. */
const share = (a: MemberDraft, b: MemberDraft, of: Iterable<string>, among: ReadonlySet<string>): boolean => {
  const sameHost = [...a.vantages].some((vantage) => b.vantages.has(vantage));
  return [...of].some((entry) => among.has(entry) && (sameHost || !isLoopback(entry)));
};

const sameAddress = (seed: MemberDraft, member: MemberDraft): boolean =>
  share(seed, member, addressesOf(seed), addressesOf(member));

/** The process behind the seed has the member's peer URL, and no other name. */
const sameProcess = (seed: MemberDraft, member: MemberDraft): boolean =>
  (seed.name === '' || member.name === '' || seed.name === member.name) &&
  share(seed, member, seed.ownPeerUrls.map(hostPort), new Set(member.peerUrls.map(hostPort)));

/** The member has no known client URL, and its peer URL is on the host of the seed; the process, when known, has no other name. */
const sameHostOnly = (seed: MemberDraft, member: MemberDraft): boolean =>
  addressesOf(member).size === 0 &&
  member.reachable !== true &&
  seed.ownPeerUrls.length === 0 &&
  (seed.name === '' || member.name === '' || seed.name === member.name) &&
  share(seed, member, [...addressesOf(seed)].map(hostOf), new Set(member.peerUrls.map(hostOf)));

/**
 * Folds seeds into the members they turned out to be: by address, by process, and last a seed that is alone with one
 * unstarted member on a host. A seed that fits several members, or shares the last kind of fit with another seed, stays.
 * Removes folded seeds from `drafts`; returns member id by seed id.
 */
export const foldSeeds = (drafts: Map<string, MemberDraft>): Map<string, string> => {
  const folded = new Map<string, string>();
  const members = [...drafts.values()].filter(({ id }) => !isUnknown(id));
  const open = (): MemberDraft[] => [...drafts.values()].filter(({ id }) => isUnknown(id));
  const fold = (seed: MemberDraft, member: MemberDraft): void => {
    folded.set(seed.id, member.id);
    member.targets.add(seed.id);
    for (const endpoint of seed.endpoints) member.endpoints.add(endpoint);
    if (member.name === '') member.name = seed.name;
    if (seed.host !== undefined) member.host ??= seed.host;
    member.reachable = either(member.reachable, seed.reachable);
    drafts.delete(seed.id);
  };
  for (const fits of [sameAddress, sameProcess]) {
    for (const seed of open()) {
      const [member, second] = members.filter((each) => fits(seed, each));
      if (member !== undefined && second === undefined) fold(seed, member);
    }
  }
  const claims = open().map((seed) => ({ seed, found: members.filter((member) => sameHostOnly(seed, member)) }));
  for (const { seed, found } of claims) {
    const [member, second] = found;
    if (member === undefined || second !== undefined) continue;
    if (claims.filter((claim) => claim.found.includes(member)).length === 1) fold(seed, member);
  }
  return folded;
};
