import type { Diff } from '../../schemas/index.js';
import type { Case, CaseMember } from '../bundle/case.js';
import type { Snapshot } from './snapshot.js';

type MatchedBy = Diff['members'][number]['matchedBy'];

/** One place in the cluster on both sides. */
export interface MemberPair {
  readonly before: CaseMember | undefined;
  readonly after: CaseMember | undefined;
  readonly by: MatchedBy;
}

/** A pair that is there on both sides. */
export interface PresentPair extends MemberPair {
  readonly before: CaseMember;
  readonly after: CaseMember;
}

const hostsOf = (member: CaseMember): Set<string> =>
  new Set(
    [...member.peerUrls, ...member.clientUrls].flatMap((url) => {
      const host = /^[a-z]+:\/\/(\[[^\]]+\]|[^:/]+)/i.exec(url)?.[1];
      return host === undefined || /^(localhost|127\.|\[::1\])/.test(host) ? [] : [host];
    }),
  );

const sameAddress = (a: CaseMember, b: CaseMember): boolean => {
  const hosts = hostsOf(b);
  return [...hostsOf(a)].some((host) => hosts.has(host));
};

const ways: readonly (readonly [MatchedBy, (a: CaseMember, b: CaseMember) => boolean])[] = [
  ['id', (a, b) => a.id === b.id],
  ['name', (a, b) => a.name !== '' && a.name === b.name],
  ['address', sameAddress],
];

/** Pairs of members by id, else by name, else by address where `names` are alike on both sides; each only where it is one to one. */
export const matchMembers = (before: Case, after: Case, names: boolean): readonly MemberPair[] => {
  const left = new Set(before.members);
  const right = new Set(after.members);
  const pairs: MemberPair[] = [];
  for (const [by, same] of names ? ways : ways.slice(0, 1)) {
    for (const a of [...left]) {
      const found = [...right].filter((b) => same(a, b));
      const [b] = found;
      if (b === undefined || found.length > 1 || [...left].filter((other) => same(other, b)).length > 1) continue;
      left.delete(a);
      right.delete(b);
      pairs.push({ before: a, after: b, by });
    }
  }
  for (const a of left) pairs.push({ before: a, after: undefined, by: null });
  for (const b of right) pairs.push({ before: undefined, after: b, by: null });
  const name = ({ before: a, after: b }: MemberPair): string => labelOf(b ?? a);
  return pairs.sort((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0));
};

export const labelOf = (member: CaseMember | undefined): string =>
  member === undefined || member.name === '' ? (member?.id ?? '') : member.name;

export const present = (pairs: readonly MemberPair[]): PresentPair[] =>
  pairs.filter((pair): pair is PresentPair => pair.before !== undefined && pair.after !== undefined);

/** The start is computed from the boot time, which a clock adjustment moves. */
const START_TOLERANCE_MS = 1500;

/** Whether one process answered both times: then its counters continue. */
export const processOf = (before: Snapshot, after: Snapshot, pair: MemberPair): 'same' | 'restarted' | 'unknown' => {
  if (pair.before === undefined || pair.after === undefined) return 'unknown';
  if (pair.by !== 'id') return 'restarted';
  const [a, b] = [before.facts.member(pair.before.id, 'process'), after.facts.member(pair.after.id, 'process')];
  if (!a.ok || !b.ok || a.value.startedAt === null || b.value.startedAt === null) return 'unknown';
  return Math.abs(a.value.startedAt - b.value.startedAt) <= START_TOLERANCE_MS ? 'same' : 'restarted';
};

/** Hosts of matched members: ids of hosts are of one machine, but a replaced machine has another. */
export const matchHosts = (
  before: Case,
  after: Case,
  pairs: readonly MemberPair[],
): readonly (readonly [before: string, after: string])[] => {
  const found = new Map<string, string>();
  for (const host of after.hosts) if (before.hosts.some(({ id }) => id === host.id)) found.set(host.id, host.id);
  for (const { before: a, after: b } of present(pairs))
    if (a.host !== undefined && b.host !== undefined && !found.has(b.host) && ![...found.values()].includes(a.host))
      found.set(b.host, a.host);
  return [...found].map(([b, a]) => [a, b] as const);
};
