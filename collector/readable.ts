import type { Here } from './here.js';
import { attempt, fileView, throughView } from './local-files.js';
import { findLogSources } from './log-sources.js';
import type { FilesPort } from './ports/files.js';
import { type MemberTarget, ProbeError } from './probe.js';

/** Longest look at the files of all members, ms. */
const TEST_MS = 2000;

const isDenied = (error: unknown): boolean => error instanceof ProbeError && error.state === 'denied';

/** `unknown` when it is missing or hangs: then access is not the question. */
const tried = async (work: Promise<unknown>): Promise<Here> => {
  try {
    await work;
    return 'yes';
  } catch (error) {
    return isDenied(error) ? 'no' : 'unknown';
  }
};

const certificateFlags = ['cert-file', 'trusted-ca-file', 'peer-cert-file', 'peer-trusted-ca-file'] as const;

/** Of several files: all, some or none of them. */
const together = (found: readonly Here[]): Here => {
  if (found.length === 0 || found.every((each) => each === 'unknown')) return 'unknown';
  if (found.every((each) => each === 'yes')) return 'yes';
  return found.includes('yes') ? 'partly' : 'no';
};

const testMember = async (
  member: MemberTarget,
  files: FilesPort,
  signal: AbortSignal,
): Promise<readonly (readonly [string, Here])[]> => {
  const { local, id } = member;
  if (local === undefined) return [];
  const view = await fileView(files, local.pid);
  const opened = (path: string): Promise<Here> => tried(files.readRange(throughView(view, path), 0, 1, signal));
  const certificates = await Promise.all(
    certificateFlags.flatMap((flag) => {
      const path = local.settings[flag];
      return path ? [opened(path)] : [];
    }),
  );
  const logs = await attempt(findLogSources(files, member, signal));
  const log: Here =
    logs === undefined
      ? 'unknown'
      : logs.sources.some(({ type }) => type === 'file')
        ? 'yes'
        : logs.denied
          ? 'no'
          : 'unknown';
  const found: (readonly [string, Here])[] = [
    [`server-certificates@${id}`, together(certificates)],
    [`server-log@${id}`, log],
  ];
  if (local.dataDir !== undefined)
    found.push([`datadir-listing@${id}`, await tried(files.list(throughView(view, local.dataDir), signal))]);
  if (local.pid !== 0) {
    const environment = await tried(files.readText(`/proc/${local.pid}/environ`, { signal }));
    found.push([`server-config@${id}`, environment === 'no' ? 'partly' : environment]);
  }
  return found.filter(([, here]) => here !== 'unknown');
};

/**
 * Which files of local members this user can open, by `<kind>@<member id>`; kinds that cannot be told are left out. Opens and closes them,
 * at most one byte of each is read. Never rejects.
 */
export const testReads = async (
  members: readonly MemberTarget[],
  files: FilesPort,
): Promise<ReadonlyMap<string, Here>> => {
  const signal = AbortSignal.timeout(TEST_MS);
  const found = await Promise.all(members.map((member) => testMember(member, files, signal).catch(() => [])));
  return new Map(found.flat());
};
