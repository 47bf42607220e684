import type { Scrapes } from '../../facts/values/member.js';

/** `etcd_debugging_auth_revision` at the first and last scrape of a member; undefined where it is not exported. */
export const authRevision = (scrapes: Scrapes): { readonly first: number; readonly last: number } | undefined => {
  const at = (round: Scrapes['last']): number | undefined =>
    round.scrape.samples('etcd_debugging_auth_revision')[0]?.value;
  const [first, last] = [at(scrapes.first), at(scrapes.last)];
  return first === undefined || last === undefined ? undefined : { first, last };
};

/** Whether users or roles were ever set up: the auth revision starts at 1 and grows with every change. Undefined when not exported. */
export const authInUse = (scrapes: ReadonlyMap<string, Scrapes>): boolean | undefined => {
  const revisions = [...scrapes.values()].flatMap((each) => authRevision(each)?.last ?? []);
  return revisions.length === 0 ? undefined : Math.max(...revisions) > 1;
};
