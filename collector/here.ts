import type { PlanItem } from '../schemas/index.js';
import type { PlannedItem } from './plan.js';
import type { FilesPort } from './ports/files.js';
import type { MemberTarget } from './probe.js';
import { testReads } from './readable.js';

/** Whether this vantage has the access a read needs: `unknown` where only the read itself can tell. */
export type Here = 'yes' | 'partly' | 'no' | 'unknown';

/** A planned read as `plan` shows it. */
export type PlannedRead = PlanItem & { readonly here: Here };

export interface Vantage {
  /** User id of the collector; undefined where there are none. */
  readonly uid: number | undefined;
  /** Members that answered while they were looked for. */
  readonly answered: ReadonlySet<string>;
  /** User id of the process of each local member, by member id. */
  readonly owners: ReadonlyMap<string, number>;
  /** What trying to open the files has shown, by kind and member id: `<kind>@<id>`. */
  readonly tested?: ReadonlyMap<string, Here>;
}

/** What is known before anything is read. Never rejects. */
export const vantageOf = async (members: readonly MemberTarget[], files: FilesPort): Promise<Vantage> => {
  const answered = members.filter(({ id, discoveredBy }) => discoveredBy === 'seed' && /^[0-9a-f]{16}$/.test(id));
  const owners = await Promise.all(
    members.map(async ({ id, local }) => {
      if (local === undefined || local.pid === 0) return [];
      const found = await files.stat(`/proc/${local.pid}`).catch(() => undefined);
      return found === undefined ? [] : [[id, found.uid] as const];
    }),
  );
  return {
    uid: process.getuid?.(),
    answered: new Set(answered.map(({ id }) => id)),
    owners: new Map(owners.flat()),
    tested: await testReads(members, files),
  };
};

/** The access of this vantage to one read, as far as it is known. */
export const hereOf = (
  {
    side,
    target,
    permission,
    kind,
  }: Pick<PlannedItem, 'side' | 'target' | 'permission'> & Partial<Pick<PlannedItem, 'kind'>>,
  { uid, answered, owners, tested }: Vantage,
): Here => {
  const anyone = /^none$|^none on the host/.test(permission);
  if (side === 'local' && !permission.startsWith('network')) {
    const shown = tested?.get(`${kind}@${target.id}`);
    if (shown !== undefined) return shown;
    if (uid === 0 || anyone) return 'yes';
    const owner = owners.get(target.id);
    if (owner !== undefined && owner === uid) return 'yes';
    if (permission.includes('; anyone for')) return 'partly';
    return owner !== undefined && permission.startsWith('root') ? 'no' : 'unknown';
  }
  if (target.kind === 'member') return answered.has(target.id) && /^none|^network/.test(permission) ? 'yes' : 'unknown';
  return target.kind === 'endpoint' && anyone ? 'yes' : 'unknown';
};
