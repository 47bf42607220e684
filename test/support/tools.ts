import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './run.js';

/** First executable file of that name on PATH, or undefined. */
export function onPath(name: string, path: string = process.env.PATH ?? ''): string | undefined {
  for (const dir of path.split(delimiter)) {
    if (dir === '') continue;
    const candidate = join(dir, name);
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      // not here, look further
    }
  }
  return undefined;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Administration tools are often outside the PATH of a plain shell. */
function findTool(name: string): string | undefined {
  return onPath(name) ?? onPath(name, ['/usr/sbin', '/sbin', '/usr/local/sbin'].join(delimiter));
}

/**
 * Path of a system tool; as root on a Debian-like machine a missing one is installed from `debianPackage`.
 * Returns undefined when the machine has none and none can be had.
 */
export async function systemTool(name: string, debianPackage: string = name): Promise<string | undefined> {
  const found = findTool(name);
  if (found !== undefined || !isRoot()) return found;
  const aptGet = onPath('apt-get');
  if (aptGet === undefined) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Another package run on the machine holds the lock for a while; apt-get can wait for it by itself.
  const install = ['-o', 'DPkg::Lock::Timeout=60', 'install', '-y', '--no-install-recommends', debianPackage];
  try {
    const first = await run(aptGet, install, { env, timeoutMs: 180_000 });
    if (first.code !== 0) {
      await run(aptGet, ['update'], { env, timeoutMs: 180_000 });
      await run(aptGet, install, { env, timeoutMs: 180_000 });
    }
  } catch {
    return undefined;
  }
  return findTool(name);
}
