import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { runOk } from '../run.js';
import { onPath } from '../tools.js';
import type { EtcdLine } from './types.js';

/** Patch release built for a line when it is built from the Go modules. 3.4 was no set of Go modules yet. */
export const GO_RELEASE: Record<EtcdLine, string | undefined> = {
  '3.4': undefined,
  '3.5': '3.5.35',
  '3.6': '3.6.16',
  '3.7': '3.7.3',
};

const MAIN_PACKAGES = {
  etcd: 'go.etcd.io/etcd/server/v3',
  etcdctl: 'go.etcd.io/etcd/etcdctl/v3',
  etcdutl: 'go.etcd.io/etcd/etcdutl/v3',
} as const;

const BUILD_TIMEOUT_MS = 15 * 60_000;

export function goObstacle(line: EtcdLine): string | undefined {
  if (GO_RELEASE[line] === undefined) return 'this release line is not published as Go modules';
  if (onPath('go') === undefined) return 'the Go tool is not on PATH';
  return undefined;
}

/**
 * Build etcd, etcdctl and etcdutl of a release line from the published Go modules into `outDir`.
 * A throw-away module in `workDir` requires them. Cold: about 80 s on 2 cores, most of it etcd itself; throws on failure.
 */
export async function fromGo(line: EtcdLine, workDir: string, outDir: string): Promise<void> {
  const release = GO_RELEASE[line];
  if (release === undefined) throw new Error(`etcd ${line} is not published as Go modules`);
  await mkdir(workDir, { recursive: true });
  await mkdir(outDir, { recursive: true });
  const packages = Object.values(MAIN_PACKAGES);
  const requires = packages.map((name) => `require ${name} v${release}\n`).join('');
  await writeFile(join(workDir, 'go.mod'), `module etcd-for-tests\n\ngo 1.21\n\n${requires}`);
  const imports = packages.map((name) => `import _ "${name}"\n`).join('');
  await writeFile(join(workDir, 'tools.go'), `//go:build tools\n\npackage tools\n\n${imports}`);
  const env = { ...process.env, GOWORK: 'off', CGO_ENABLED: '0' };
  const options = { cwd: workDir, env, timeoutMs: BUILD_TIMEOUT_MS };
  await runOk('go', ['mod', 'tidy'], options);
  const jobs = String(Math.max(1, Math.min(4, availableParallelism())));
  for (const [name, main] of Object.entries(MAIN_PACKAGES)) {
    await runOk('go', ['build', '-p', jobs, '-trimpath', '-o', join(outDir, name), main], options);
  }
}
