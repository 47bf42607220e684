import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { debianObstacle, fromDebian } from './etcd-source/debian.js';
import { fromGo, goObstacle } from './etcd-source/go.js';
import { ETCD_LINES, type EtcdBinaries, type EtcdLine, EtcdUnavailable } from './etcd-source/types.js';
import { runOk } from './run.js';
import { onPath } from './tools.js';

export { ETCD_LINES, type EtcdBinaries, type EtcdLine, EtcdUnavailable };

const LOCK_WAIT_MS = 20 * 60_000;

/** Where binaries are kept: `<cache>/<line>/{etcd,etcdctl,etcdutl}`, outside the repository. */
export function etcdCacheDir(): string {
  const own = process.env.ETCD_EVIDENCE_CACHE;
  if (own !== undefined && own !== '') return join(own, 'etcd');
  const xdg = process.env.XDG_CACHE_HOME;
  return join(xdg !== undefined && xdg !== '' ? xdg : join(homedir(), '.cache'), 'etcd-evidence', 'etcd');
}

export function isEtcdLine(text: string): text is EtcdLine {
  return ETCD_LINES.some((line) => line === text);
}

/**
 * etcd, etcdctl and etcdutl of a release line: from the cache, else from Debian packages, else built from the Go modules.
 * Safe to call from many processes at once. Throws `EtcdUnavailable`.
 */
export async function ensureEtcd(line: EtcdLine): Promise<EtcdBinaries> {
  const cached = await fromCache(line);
  if (cached !== undefined) return cached;
  const root = etcdCacheDir();
  await mkdir(root, { recursive: true });
  const unlock = await lock(join(root, `.${line}.lock`), line);
  try {
    return (await fromCache(line)) ?? (await provide(line, root));
  } finally {
    await unlock();
  }
}

/** Any usable etcd: the one on PATH, else 3.5, else 3.4. Throws `EtcdUnavailable`. */
export async function findEtcd(): Promise<EtcdBinaries> {
  const etcd = onPath('etcd');
  const etcdctl = onPath('etcdctl');
  if (etcd !== undefined && etcdctl !== undefined) {
    const version = await versionOf(etcd).catch(() => undefined);
    const etcdutl = onPath('etcdutl');
    if (version !== undefined) {
      const line = version.split('.').slice(0, 2).join('.');
      return { line, version, etcd, etcdctl, ...(etcdutl === undefined ? {} : { etcdutl }) };
    }
  }
  try {
    return await ensureEtcd('3.5');
  } catch (error) {
    if (!(error instanceof EtcdUnavailable)) throw error;
    return ensureEtcd('3.4');
  }
}

async function provide(line: EtcdLine, root: string): Promise<EtcdBinaries> {
  const work = await mkdtemp(join(root, `.build-${line}-`));
  const out = join(work, 'out');
  const reasons: string[] = [];
  try {
    const sources = [
      { name: 'Debian packages', obstacle: await debianObstacle(line), get: fromDebian },
      { name: 'Go modules', obstacle: goObstacle(line), get: fromGo },
    ];
    for (const source of sources) {
      if (source.obstacle !== undefined) {
        reasons.push(`${source.name}: ${source.obstacle}`);
        continue;
      }
      try {
        await source.get(line, join(work, 'scratch'), out);
        await versionOf(join(out, 'etcd'));
        await install(out, join(root, line));
        const provided = await fromCache(line);
        if (provided !== undefined) return provided;
        reasons.push(`${source.name}: the binaries do not run here`);
      } catch (error) {
        reasons.push(`${source.name}: ${error instanceof Error ? error.message : String(error)}`);
        await rm(out, { recursive: true, force: true });
      }
      await rm(join(work, 'scratch'), { recursive: true, force: true });
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const remedy = `Put etcd and etcdctl into ${join(root, line)}, or make network, apt or Go available, and try again.`;
  throw new EtcdUnavailable(line, reasons.join('; '), remedy);
}

async function install(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch {
    // Something unusable is in the way (fromCache refused it): set it aside, never rewrite a file in place.
    await rm(to, { recursive: true, force: true });
    await rename(from, to);
  }
}

async function fromCache(line: EtcdLine): Promise<EtcdBinaries | undefined> {
  const dir = join(etcdCacheDir(), line);
  const etcd = join(dir, 'etcd');
  const etcdctl = join(dir, 'etcdctl');
  const etcdutl = join(dir, 'etcdutl');
  try {
    await stat(etcdctl);
    const version = await versionOf(etcd);
    const hasUtl = await stat(etcdutl).then(
      () => true,
      () => false,
    );
    return { line, version, etcd, etcdctl, ...(hasUtl ? { etcdutl } : {}) };
  } catch {
    return undefined;
  }
}

async function versionOf(etcd: string): Promise<string> {
  const said = await runOk(etcd, ['--version'], { timeoutMs: 20_000 });
  const version = /etcd Version: (\S+)/.exec(said.stdout)?.[1];
  if (version === undefined) throw new Error(`${etcd} --version says: ${said.stdout.slice(0, 80)}`);
  return version;
}

/** One builder at a time per line, across processes. A lock whose owner is gone is taken over. */
async function lock(path: string, line: string): Promise<() => Promise<void>> {
  const deadline = Date.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' });
      return () => rm(path, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const owner = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10);
    const written = await stat(path).catch(() => undefined);
    const fresh = written !== undefined && Date.now() - written.mtimeMs < 5_000;
    if (!fresh && !alive(owner)) await rm(path, { force: true });
    if (Date.now() > deadline) {
      throw new EtcdUnavailable(line, `process ${owner} holds ${path} for too long`, 'End it or remove the lock file.');
    }
    await sleep(250);
  }
}

function alive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
