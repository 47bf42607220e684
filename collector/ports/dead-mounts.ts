import { readFileSync, readlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Mount, mountOf, parseMountInfo } from '../mounts.js';
import { ProbeError } from '../probe.js';
import { type RunCommand, runCommand } from './command.js';

/** File systems that stay mounted when whoever serves them is gone. Not autofs: to look at it would mount something. */
const served = /^(nfs4?|cifs|smb3|fuse(blk|\..+)?|ceph|glusterfs|9p|virtiofs|afs|beegfs|lustre|gpfs)$/;
const LOOK_MS = 1_000;
const MAX_LOOKED_AT = 16;
/** Links of one path; more of them are a loop. */
const MAX_LINKS = 16;

/** The mounts of a mount namespace, and which of them did not answer. */
interface Namespace {
  readonly mounts: readonly Mount[];
  readonly dead: ReadonlySet<string>;
}

export interface DeadMounts {
  /** Resolves when the mounts that the path may lie on have been looked at; at once where none of them can be dead. */
  readonly looked: (path: string) => Promise<void> | undefined;
  /** Mount point of the path as it is reached from here; links are followed where some mount is dead only. */
  readonly mountPointOf: (path: string) => string;
  /** Whether the path lies on a mount that did not answer. */
  readonly has: (path: string) => boolean;
}

/** `/proc/<pid>/root` and what the process itself calls the path; `''` for a path of our own. */
const split = (path: string): { readonly prefix: string; readonly inside: string } => {
  const [, prefix = '', inside] = /^(\/proc\/\d+\/root)(\/.*)?$/.exec(path) ?? [];
  return prefix === '' ? { prefix, inside: path } : { prefix, inside: inside ?? '/' };
};

const readMounts = (prefix: string): readonly Mount[] => {
  try {
    return parseMountInfo(
      readFileSync(prefix === '' ? '/proc/self/mountinfo' : `${dirname(prefix)}/mountinfo`, 'utf8'),
    );
  } catch {
    return [];
  }
};

/**
 * Finds file systems that hang before anything of this process touches them: a call into one holds a thread that no signal
 * gives back, and the process could not even end. `stat -f` in a process of its own asks the server, and can be left behind.
 */
export const createDeadMounts = (run: RunCommand = runCommand, read = readMounts): DeadMounts => {
  const namespaces = new Map<string, Namespace>();
  const looks = new Map<string, Promise<void>>();

  const hangs = async (place: string): Promise<boolean> => {
    try {
      const options = { signal: new AbortController().signal, timeoutMs: LOOK_MS, maxBytes: 4096 };
      await run('stat', ['-f', place], options);
      return false;
    } catch (error) {
      // Without `stat`, or with an error of the server, it is not known to hang.
      return error instanceof ProbeError && error.state === 'timeout';
    }
  };

  const look = (prefix: string): Promise<void> | undefined => {
    if (namespaces.has(prefix)) return looks.get(prefix);
    const mounts = read(prefix);
    const suspects = [
      ...new Set(mounts.filter(({ fsType }) => served.test(fsType)).map(({ mountPoint }) => mountPoint)),
    ].filter((mountPoint) => mountPoint !== '/');
    namespaces.set(prefix, { mounts, dead: new Set() });
    if (suspects.length === 0) return undefined;
    const work = Promise.all(
      suspects
        .slice(0, MAX_LOOKED_AT)
        .map(async (mountPoint) => ((await hangs(`${prefix}${mountPoint}`)) ? [mountPoint] : [])),
    ).then((found) => {
      namespaces.set(prefix, { mounts, dead: new Set(found.flat()) });
      looks.delete(prefix);
    });
    looks.set(prefix, work);
    return work;
  };

  const pointIn = (namespace: Namespace | undefined, path: string): string =>
    mountOf(namespace?.mounts ?? [], path)?.mountPoint ?? '/';

  /** Mount point in our own namespace of what the path leads to; no step into a dead mount is made. */
  const followed = (namespace: Namespace, path: string): string => {
    let todo = resolve(path).split('/').slice(1);
    let done = '';
    let links = 0;
    while (todo.length > 0) {
      const [name = '', ...rest] = todo;
      todo = rest;
      if (name === '' || name === '.') continue;
      if (name === '..') {
        done = dirname(done);
        if (done === '/') done = '';
        continue;
      }
      const next = `${done}/${name}`;
      if (namespace.dead.has(pointIn(namespace, next))) return pointIn(namespace, next);
      let link: string | undefined;
      try {
        link = readlinkSync(next);
      } catch {
        // No link, or nothing there.
      }
      if (link === undefined || links >= MAX_LINKS) {
        done = next;
        continue;
      }
      links += 1;
      if (link.startsWith('/')) done = '';
      todo = [...link.split('/'), ...todo];
    }
    return pointIn(namespace, done === '' ? '/' : done);
  };

  const pointOf = (
    path: string,
  ): { readonly namespace: Namespace | undefined; readonly prefix: string; readonly point: string } => {
    const { prefix, inside } = split(path.startsWith('/') ? path : resolve(path));
    const namespace = namespaces.get(prefix);
    const follow =
      prefix === '' && namespace !== undefined && namespace.dead.size > 0 && !/^\/(proc|sys|dev)\//.test(path);
    return { namespace, prefix, point: follow ? followed(namespace, inside) : pointIn(namespace, inside) };
  };

  return {
    looked: (path) => look(split(path).prefix),
    mountPointOf: (path) => {
      const { prefix, point } = pointOf(path);
      return `${prefix}${point}`;
    },
    has: (path) => {
      const { namespace, point } = pointOf(path);
      return namespace?.dead.has(point) === true;
    },
  };
};

/** Those of this process. */
export const deadMounts = createDeadMounts();
