import { setTimeout as sleep } from 'node:timers/promises';
import { inspect, isServerName, type LocalDiscovery } from './local.js';
import { attempt } from './local-files.js';
import type { FilesPort } from './ports/files.js';
import { parseStat, processIds } from './ports/process.js';

/** How often the process table is looked at for one that lives shortly, ms. */
const WATCH_MS = 50;

/**
 * Waits for an etcd process that was not there a moment ago: one that fails right after each start and is started again. At most until
 * the signal aborts; nothing but new processes is read.
 */
export const watchForMembers = async (
  files: FilesPort,
  known: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<LocalDiscovery> => {
  if (process.platform !== 'linux') return { members: [], notes: [] };
  const seen = new Set(known);
  for (let first = true; !signal.aborted; first = false) {
    const ids = (await attempt(processIds(files))) ?? [];
    const fresh = ids.filter((pid) => !seen.has(pid));
    for (const pid of fresh) seen.add(pid);
    const rows = files
      .readPseudo(fresh.map((pid) => `/proc/${pid}/stat`))
      .flatMap((line) => (line === undefined ? [] : (parseStat(line) ?? [])));
    for (const row of rows) {
      const isNamed = isServerName(row.command);
      // Between fork and exec it still has the name of whoever starts it.
      if (!isNamed) {
        if (!first) seen.delete(row.pid);
        continue;
      }
      const { member, notes } = await inspect(files, row, signal);
      if (member !== undefined) return { members: [member], notes };
    }
    await sleep(WATCH_MS, undefined, { signal }).catch(() => undefined);
  }
  return { members: [], notes: [] };
};
