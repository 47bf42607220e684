import { accessSync, constants, existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { errnoOf, UsageError } from '../errors.js';
import type { Program } from './remote-command.js';

const single = 'etcd-collect.cjs';
/** Larger than any executable of a release, bytes. */
const maxProgram = 512 * 1024 * 1024;

/** Where a single file may be when none is named: this program itself, or what `npm run package` made of the sources it runs from. */
const ownProgram = (script: string): string | undefined => {
  // An executable of ours was perhaps found on PATH: then its first argument names no file.
  if (!/^node(?:\.exe)?$/.test(basename(process.execPath))) return process.execPath;
  if (!existsSync(script)) return undefined;
  const real = realpathSync(script);
  if (real.endsWith('.cjs')) return real;
  const made = join(dirname(dirname(real)), 'release', single);
  return existsSync(made) ? made : undefined;
};

/** What is sent: a single file for Node, or an executable, told apart by how the file begins. Throws UsageError. */
export const readProgram = (
  named: string | undefined,
  start: { readonly node: string; readonly directory: string },
  script = process.argv[1] ?? '',
): { readonly program: Program; readonly path: string } => {
  const path = named ?? ownProgram(script);
  if (path === undefined)
    throw new UsageError(
      'there is no single file of the collector to send to the hosts',
      `make it with npm run package (dist/release/${single}), or name one with --program`,
    );
  let code: Buffer;
  try {
    if (statSync(path).size > maxProgram) throw new UsageError(`--program ${path}: too large for a program`);
    code = readFileSync(path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--program ${path}: cannot be read (${errnoOf(error) ?? 'error'})`, 'check the path');
  }
  if (code.subarray(0, 4).toString('latin1') === '\x7fELF')
    return { program: { kind: 'executable', code, directory: start.directory }, path };
  if (!/\.c?js$/.test(path) || code.length === 0)
    throw new UsageError(
      `--program ${path}: neither a single file for Node (.cjs) nor a Linux executable`,
      `name ${single} or etcd-collect-linux-x64 of a release`,
    );
  return { program: { kind: 'node', code, node: start.node }, path };
};

/** Path of a system program: as given when it has a slash, else the first on PATH. `undefined` when there is none. */
export const findProgram = (name: string, path: string | undefined): string | undefined => {
  const places = name.includes('/')
    ? [name]
    : (path ?? '')
        .split(delimiter)
        .filter((each) => each !== '')
        .map((each) => join(each, name));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return statSync(place).isFile();
    } catch {
      return false;
    }
  });
};
