import { ProbeError, type LocalMember, type MemberTarget, type ReasonCode } from './probe.js';
import type { FilesPort } from './ports/files.js';

/** How the files of a process are reached from here. */
export interface FileView {
  /** '' when the process shares our mount namespace (or that cannot be told), else `/proc/<pid>/root`. */
  readonly prefix: string;
  readonly cwd?: string;
  /** The namespaces could not be compared for lack of rights; paths are taken as they are. */
  readonly assumed: boolean;
}

/**
 * Compares mount namespace and root directory of the process with ours. Without the rights to do so the paths are used as they are:
 * right for a process on the host and for host paths mounted into a container at the same place.
 */
export const fileView = async (files: FilesPort, pid: number): Promise<FileView> => {
  if (pid === 0) return { prefix: '', assumed: false };
  const cwd = await attempt(files.readLink(`/proc/${pid}/cwd`));
  const [own, theirs, root] = await Promise.all([
    attempt(files.readLink('/proc/self/ns/mnt')),
    attempt(files.readLink(`/proc/${pid}/ns/mnt`)),
    attempt(files.readLink(`/proc/${pid}/root`)),
  ]);
  const assumed = theirs === undefined || own === undefined;
  const apart = (!assumed && own !== theirs) || (root !== undefined && root !== '/');
  return { prefix: apart ? `/proc/${pid}/root` : '', assumed, ...(cwd === undefined ? {} : { cwd }) };
};

/** Path from here of a path the process knows. A relative path is meant from its working directory. */
export const throughView = (view: FileView, path: string): string => `${view.prefix}${absolute(view, path)}`;

/** The path as the process itself sees it. */
export const absolute = (view: FileView, path: string): string => {
  if (path.startsWith('/')) return path;
  return `${view.cwd ?? ''}/${path}`.replace(/\/(\.\/)+/g, '/');
};

/** When a file is missing but the namespace was only assumed, the cause is access, not absence. */
export const explainMissing = (error: unknown, view: FileView): unknown =>
  error instanceof ProbeError && error.reason === 'file-missing' && view.assumed
    ? new ProbeError('denied', 'file-access', `${error.message} here; the process may see other files than this user`, {
        permission: 'root, or the user of the process',
      })
    : error;

/** The value, or `undefined` when it cannot be read. */
export const attempt = async <T>(work: Promise<T>): Promise<T | undefined> => {
  try {
    return await work;
  } catch {
    return undefined;
  }
};

/** `appliesTo` of probes that read /proc of a running local process. */
export const needsProcess = (
  target: MemberTarget,
): true | { readonly reason: ReasonCode; readonly message: string } => {
  const base = needsLocal(target);
  if (base !== true) return base;
  return target.local?.pid === 0
    ? {
        reason: 'no-such-process',
        message: 'no etcd process of this member was seen on this host',
      }
    : true;
};

/** `appliesTo` of probes that read files of a member of this host, running or not. */
export const needsLocal = (target: MemberTarget): true | { readonly reason: ReasonCode; readonly message: string } => {
  if (process.platform !== 'linux') return notLinux;
  return target.local === undefined
    ? {
        reason: 'not-local',
        message: 'this member does not run on the host of the collector; run the collector there too',
      }
    : true;
};

/** `appliesTo` of host probes. */
export const needsLinux = (): true | { readonly reason: ReasonCode; readonly message: string } =>
  process.platform === 'linux' ? true : notLinux;

const notLinux = {
  reason: 'not-this-platform',
  message: 'host evidence is read from Linux /proc and /sys only',
} as const;

/** The local process of a target; the plan has kept away targets without one. */
export const localOf = (target: MemberTarget): LocalMember => {
  if (target.local !== undefined) return target.local;
  throw new ProbeError('not-applicable', 'not-local', 'this member does not run on the host of the collector');
};

/** Throws when the process has ended or its id now belongs to another one. */
export const checkSameProcess = (local: LocalMember, startTicks: string | undefined): void => {
  if (startTicks === local.startTicks) return;
  throw new ProbeError('failed', 'no-such-process', `process ${local.pid} ended or was replaced since the run began`);
};
