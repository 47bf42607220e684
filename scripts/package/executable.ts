/** One executable of a single file and the Node that runs this script (a single executable application). */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../schemas/index.js';

/** Where Node looks for the blob; the name and the marker are those of its documentation of single executable applications. */
const resource = 'NODE_SEA_BLOB';
const marker = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

export interface Executable {
  readonly node: { readonly version: string; readonly sha256: string };
}

/**
 * Writes `target` for this platform. Throws when this Node cannot carry a program: one whose code is in a shared library
 * (as many distributions build it) has no marker.
 */
export const buildExecutable = (code: string, target: string): Executable => {
  const node = readFileSync(process.execPath);
  if (!node.includes(marker)) {
    throw new Error(`${process.execPath} cannot carry a program; use a Node from nodejs.org`);
  }
  const work = mkdtempSync(join(tmpdir(), 'etcd-evidence-package-'));
  try {
    // Relative names: the blob holds the path of its main file.
    writeFileSync(join(work, 'main.cjs'), code);
    const config = { main: 'main.cjs', output: 'main.blob', disableExperimentalSEAWarning: true };
    writeFileSync(join(work, 'sea.json'), JSON.stringify(config));
    execFileSync(process.execPath, ['--experimental-sea-config', 'sea.json'], { cwd: work, stdio: 'pipe' });
    copyFileSync(process.execPath, join(work, 'program'));
    chmodSync(join(work, 'program'), 0o755);
    const postject = join(packageRoot, 'node_modules', 'postject', 'dist', 'cli.js');
    const args = [postject, 'program', resource, 'main.blob', '--sentinel-fuse', marker];
    execFileSync(process.execPath, args, { cwd: work, stdio: 'pipe' });
    copyFileSync(join(work, 'program'), target);
    chmodSync(target, 0o755);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return { node: { version: process.versions.node, sha256: createHash('sha256').update(node).digest('hex') } };
};
