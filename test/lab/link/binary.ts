import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { etcdCacheDir } from '../../support/etcd-binaries.js';
import { runOk } from '../../support/run.js';
import { onPath } from '../../support/tools.js';
import { FaultUnsupported } from '../faults/types.js';

/** Compiled, this file is in dist/test/lab/link; the Go source stays where it is. */
const SOURCE_DIR = fileURLToPath(new URL('../../../../test/lab/link/', import.meta.url));
const SOURCES = ['main.go', 'go.mod'] as const;
const BUILD_TIMEOUT_MS = 5 * 60_000;

/** The link program, built with Go on first use and kept beside the etcd binaries. Throws `FaultUnsupported` where Go is missing. */
export async function ensureLinkBinary(fault: string): Promise<string> {
  const hash = createHash('sha256').update(process.arch);
  for (const name of SOURCES) hash.update(await readFile(join(SOURCE_DIR, name)));
  const dir = join(dirname(etcdCacheDir()), 'link');
  const binary = join(dir, `lablink-${hash.digest('hex').slice(0, 16)}`);
  if (await exists(binary)) return binary;
  const go = onPath('go');
  if (go === undefined) throw new FaultUnsupported(fault, 'the Go tool, which builds the link program, is not on PATH');
  await mkdir(dir, { recursive: true });
  const work = await mkdtemp(join(dir, '.build-'));
  try {
    const env = { ...process.env, GOWORK: 'off', GOFLAGS: '', CGO_ENABLED: '0' };
    const built = join(work, 'lablink');
    await runOk(go, ['build', '-trimpath', '-o', built, '.'], { cwd: SOURCE_DIR, env, timeoutMs: BUILD_TIMEOUT_MS });
    // Two builders at once are harmless: both put the same program there, in one step.
    await rename(built, binary);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return binary;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
