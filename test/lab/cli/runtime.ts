import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errnoOf } from '../../../collector/errors.js';
import { LabError } from './errors.js';

/** Files of one running lab, below a directory that only its user can enter. */
export interface LabFiles {
  readonly name: string;
  readonly dir: string;
  readonly socket: string;
  readonly log: string;
  readonly pid: string;
}

/** sun_path holds 108 bytes with the final NUL. */
const MAX_SOCKET_PATH = 107;
/** A claim without a pid file is somebody between two system calls, for this long. */
const CLAIM_MS = 5_000;

/** Where the labs of this user are: `etcd-lab-run-<uid>` in the system's temporary directory. */
export const runtimeDir = (): string => join(tmpdir(), `etcd-lab-run-${process.getuid?.() ?? 0}`);

export const filesOf = (name: string): LabFiles => {
  const dir = join(runtimeDir(), name);
  return { name, dir, socket: join(dir, 'socket'), log: join(dir, 'daemon.log'), pid: join(dir, 'pid') };
};

/** A directory with a name that anybody can guess: it must be ours, and closed to others. */
const ensureRuntimeDir = (): void => {
  const dir = runtimeDir();
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
  const found = lstatSync(dir);
  if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid) || (found.mode & 0o077) !== 0) {
    throw new LabError(
      'failed',
      `${dir} is not a directory that only you can enter`,
      'remove it, or set TMPDIR to a directory of your own',
    );
  }
};

/** Names of labs that have files, running or not. */
export const labNames = (): string[] => {
  try {
    return readdirSync(runtimeDir()).sort();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
};

/** Process that keeps a lab, if the file can be read. */
export const keeperOf = (files: LabFiles): number | undefined => {
  try {
    const pid = Number(readFileSync(files.pid, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
};

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
};

/** Nobody is behind these files any more. A reused pid only delays that: its lab cannot be reached and says so. */
const isLeftOver = (files: LabFiles): boolean => {
  const keeper = keeperOf(files);
  if (keeper !== undefined) return !isAlive(keeper);
  try {
    return Date.now() - statSync(files.dir).mtimeMs > CLAIM_MS;
  } catch {
    return false;
  }
};

/** Remove the files of a lab, and the runtime directory with the last one. */
export const forget = (files: LabFiles): void => {
  rmSync(files.dir, { recursive: true, force: true });
  try {
    rmdirSync(runtimeDir());
  } catch {
    // others have labs in it, or it is gone
  }
};

/** Remove what killed labs left; returns the names of the others. */
export const liveNames = (): string[] =>
  labNames().filter((name) => {
    const files = filesOf(name);
    const gone = isLeftOver(files);
    if (gone) forget(files);
    return !gone;
  });

/** Take a name for a new lab, kept by this process until a daemon writes its own pid. Throws when it is taken. */
export const claim = (name: string): LabFiles => {
  const files = filesOf(name);
  if (Buffer.byteLength(files.socket) > MAX_SOCKET_PATH) {
    throw new LabError('usage', `${files.socket} is too long for a socket`, 'use a shorter --name or TMPDIR');
  }
  ensureRuntimeDir();
  if (liveNames().includes(name)) {
    throw new LabError(
      'usage',
      `a lab named ${name} runs already`,
      `end it with "down ${name}", or give the new one another --name`,
    );
  }
  ensureRuntimeDir();
  try {
    mkdirSync(files.dir, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    throw new LabError('usage', `a lab named ${name} is starting already`, 'give this one another --name');
  }
  keep(files);
  return files;
};

/** Say that this process keeps the lab. */
export const keep = (files: LabFiles): void => writeFileSync(files.pid, String(process.pid), { mode: 0o600 });

/** Open the log for a daemon's output, run `use` with it and close it here. */
export const withLog = <T>(files: LabFiles, use: (log: number) => T): T => {
  const log = openSync(files.log, 'a', 0o600);
  try {
    return use(log);
  } finally {
    closeSync(log);
  }
};
