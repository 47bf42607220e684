import { setMaxListeners } from 'node:events';
import { attachFiles, clusterTarget, hostTargets, seedMembers } from './attach.js';
import { messageOf, UsageError } from './errors.js';
import type { RunFacts } from './manifest.js';
import { type PlannedItem, planItems } from './plan.js';
import type { Run } from './run.js';
import { graceMs } from './run-probe.js';
import { placeStopped } from './platforms/stopped-place.js';
import { ownAddresses } from './targets/locals.js';
import { lookAgain } from './targets/look-again.js';
import { withResidents } from './targets/residents.js';
import type { Discovered } from './wiring.js';

/** Members and endpoints; the seeds alone when discovery fails or does not end in an item timeout. */
export const discover = async ({ options, wiring, log, signal, io }: Run): Promise<Discovered> => {
  const notes: string[] = [];
  const locals = options.local
    ? await wiring.findLocals().catch((error: unknown) => {
        notes.push(`local processes could not be listed: ${messageOf(error)}`);
        return { members: [], notes: [] };
      })
    : { members: [], notes: [] };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(options.itemTimeoutMs)]);
  setMaxListeners(0, limit);
  const gaveUp = new Promise<never>((_, reject) => {
    limit.addEventListener('abort', () =>
      setTimeout(() => reject(new Error('discovery did not end in time')), graceMs).unref(),
    );
  });
  gaveUp.catch(() => undefined);
  let found: Discovered;
  try {
    found = await Promise.race([wiring.discover(locals.members, limit), gaveUp]);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    log.add('error', 'discovery failed', { error });
    found = { members: seedMembers(options), endpoints: [], notes: [`discovery failed: ${messageOf(error)}`] };
  }
  notes.push(...(wiring.place?.notes ?? []));
  const all = [...notes, ...locals.notes, ...found.notes, ...(found.asides ?? [])];
  for (const text of all) log.add('info', 'note', { text });
  for (const text of found.notes) io.emit({ event: 'note', text });
  const own = ownAddresses();
  const before = io.monotonic();
  // Whoever names a data dir knows that its member does not run.
  const isLooking = options.local && options.dataDirs.length === 0;
  const seen = isLooking ? await lookAgain(found.members, wiring, own, signal) : found.members;
  const waitedMs = io.monotonic() - before;
  const residents = options.local ? withResidents(seen, locals.members, own) : seen;
  const members = await placeStopped(residents, wiring);
  return {
    members: attachFiles(members, options),
    endpoints: found.endpoints,
    notes: all,
    ...(found.beyondReach === true ? { beyondReach: true } : {}),
    waitedMs,
  };
};

/** The plan over what was found. */
export const planOf = (
  run: Run,
  { members, endpoints }: Discovered,
): { items: PlannedItem[]; hosts: RunFacts['hosts'] } => {
  const hosts = hostTargets(members, run.wiring.hostToken);
  const { options, wiring } = run;
  const items = planItems({
    cluster: clusterTarget(members),
    members,
    hosts,
    endpoints,
    probes: wiring.probes,
    rounds: options.rounds,
    itemTimeoutMs: options.itemTimeoutMs,
  });
  return { items, hosts };
};
