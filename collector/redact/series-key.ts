import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errnoOf, UsageError } from '../errors.js';
import { readNamedFile } from '../named-file.js';
import { deadMounts } from '../ports/dead-mounts.js';

export interface SeriesKey {
  readonly key: Buffer;
  /** Absent when the key lives for this run only. */
  readonly path?: string;
  readonly created: boolean;
  /** What the user should know about it. */
  readonly note?: string;
}

const KEY_BYTES = 32;

/** `$XDG_CONFIG_HOME/etcd-evidence/series.key`, else below `~/.config`; `undefined` when the environment names neither. */
export const defaultSeriesKeyPath = (env: Readonly<Record<string, string | undefined>>): string | undefined => {
  const base =
    env.XDG_CONFIG_HOME?.startsWith('/') === true
      ? env.XDG_CONFIG_HOME
      : env.HOME === undefined || env.HOME === ''
        ? undefined
        : join(env.HOME, '.config');
  return base === undefined ? undefined : join(base, 'etcd-evidence', 'series.key');
};

const readKey = (path: string): { readonly key: Buffer; readonly open: boolean } => {
  const { content, mode } = readNamedFile(path, 256);
  const text = content.toString('latin1').trim();
  if (!/^[0-9a-f]{64}$/i.test(text)) {
    throw new UsageError(
      `--series-key ${path}: it is no series key`,
      'name a file made by etcd-collect (64 hex digits), or one that does not exist yet',
    );
  }
  return { key: Buffer.from(text, 'hex'), open: (mode & 0o077) !== 0 };
};

/** Creates the file whole or not at all: two runs that start together get one key. */
const createKey = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temp = `${path}.${randomBytes(4).toString('hex')}.partial`;
  try {
    writeFileSync(temp, `${randomBytes(KEY_BYTES).toString('hex')}\n`, { flag: 'wx', mode: 0o600 });
    chmodSync(temp, 0o600);
    linkSync(temp, path);
  } finally {
    rmSync(temp, { force: true });
  }
};

/**
 * The key that all tokens of a series are made with. A named file that does not exist is created with mode 0600; so is the default one.
 * Where the default cannot be written, the key lives for this run only. Throws UsageError when a named file cannot be used.
 */
export const loadSeriesKey = (
  named: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): SeriesKey => {
  const path = named ?? defaultSeriesKeyPath(env);
  const forThisRun = (why: string): SeriesKey => ({
    key: randomBytes(KEY_BYTES),
    created: true,
    note: `${why}: the tokens of this bundle match those of no other one; name a file with --series-key`,
  });
  if (path === undefined) return forThisRun('there is no home directory to keep a series key in');
  if (deadMounts.has(path)) {
    if (named === undefined) return forThisRun(`the file system of the series key ${path} hangs`);
    throw new UsageError(`--series-key ${path}: its file system hangs`, 'name a file elsewhere');
  }
  try {
    try {
      const { key, open } = readKey(path);
      return {
        key,
        path,
        created: false,
        ...(open ? { note: `others may read the series key ${path}: chmod 600 it` } : {}),
      };
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
    try {
      createKey(path);
      return { key: readKey(path).key, path, created: true };
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      return { key: readKey(path).key, path, created: false };
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const code = errnoOf(error) ?? 'unknown error';
    if (named === undefined) return forThisRun(`the series key ${path} can be neither read nor made (${code})`);
    throw new UsageError(
      `--series-key ${path}: cannot be used (${code})`,
      'name a file that this user can read, or a directory it can write',
    );
  }
};
