import { ProbeError } from '../probe.js';
import type { FilesPort } from './files.js';

/** Where a path of the node lies when the root of the node is mounted at `root`. */
export const inRoot = (root: string | undefined, path: string): string => {
  if (root === undefined || !path.startsWith('/') || /^\/(proc|sys|dev)(\/|$)/.test(path)) return path;
  return path === root || path.startsWith(`${root}/`) ? path : `${root}${path}`;
};

/** Links of the node name paths of the node; following more of them than this is a loop. */
const MAX_LINKS = 16;

/**
 * The files of a node whose root is mounted at `root` (`/host` in a debug container). /proc, /sys and the paths in `own` are taken as they
 * are. Links are resolved below `root`, so that a link of the node never leads to a file of the container.
 */
export const rootedFiles = (root: string, base: FilesPort, own: readonly string[] = []): FilesPort => {
  const isOwn = (path: string): boolean => own.some((kept) => path === kept || path.startsWith(`${kept}/`));
  const at = (path: string): string => (isOwn(path) ? path : inRoot(root, path));
  const outside = (path: string): string => (path.startsWith(`${root}/`) ? path.slice(root.length) : path);

  const resolve = async (path: string, last = true): Promise<string> => {
    const whole = at(path);
    if (!whole.startsWith(`${root}/`) || isOwn(path)) return whole;
    let todo = whole.slice(root.length + 1).split('/');
    let done = root;
    let links = 0;
    while (todo.length > 0) {
      const [name = '', ...rest] = todo;
      todo = rest;
      if (name === '' || name === '.') continue;
      if (name === '..') {
        done = done === root ? root : done.slice(0, done.lastIndexOf('/'));
        continue;
      }
      const next = `${done}/${name}`;
      const link = todo.length === 0 && !last ? undefined : await base.readLink(next).catch(() => undefined);
      if (link === undefined) {
        done = next;
        continue;
      }
      links += 1;
      if (links > MAX_LINKS) throw new ProbeError('failed', 'unexpected', `${outside(whole)}: too many links`);
      if (link.startsWith('/')) done = root;
      todo = [...link.split('/'), ...todo];
    }
    return done;
  };

  return {
    root,
    readText: async (path, options) => base.readText(await resolve(path), options),
    open: async (path, signal) => base.open(await resolve(path), signal),
    readRange: async (path, start, length, signal) => base.readRange(await resolve(path), start, length, signal),
    readPseudo: (paths) => base.readPseudo(paths.map(at)),
    list: async (path, signal) => base.list(await resolve(path), signal),
    stat: async (path, options) => base.stat(await resolve(path, options?.link !== true), options),
    readLink: (path) => base.readLink(at(path)),
    realPath: async (path, signal) =>
      at(path).startsWith(`${root}/`) && !isOwn(path) ? outside(await resolve(path)) : base.realPath(path, signal),
    statfs: async (path, signal) => base.statfs(await resolve(path), signal),
  };
};
