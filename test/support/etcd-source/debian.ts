import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runOk } from '../run.js';
import { onPath } from '../tools.js';
import type { EtcdLine } from './types.js';

/** Debian suites that carry (or carried) a release line, best first. 3.6 and later are in none. */
const SUITES: Record<EtcdLine, readonly string[]> = {
  '3.4': ['bookworm'],
  '3.5': ['trixie', 'forky', 'sid'],
  '3.6': [],
  '3.7': [],
};

const ROLLING_NAMES = ['stable', 'oldstable', 'testing', 'unstable', 'sid'];

/** Why Debian packages cannot serve this line here, or undefined if they can be tried. */
export async function debianObstacle(line: EtcdLine): Promise<string | undefined> {
  if (SUITES[line].length === 0) return 'Debian has no package of this release line';
  if (onPath('apt-get') === undefined || onPath('dpkg') === undefined) return 'apt-get and dpkg are not on PATH';
  if ((await osRelease()).get('ID') !== 'debian') return 'this is not a Debian machine';
  return undefined;
}

/**
 * Put etcd, etcdctl and (if packaged) etcdutl of a release line into `outDir`, from Debian packages, without installing them.
 * A second apt configuration is made from the machine's own Debian sources with the suite replaced; no root needed.
 * `workDir` is scratch space. Throws when no suite gives the packages.
 */
export async function fromDebian(line: EtcdLine, workDir: string, outDir: string): Promise<void> {
  let last: unknown = new Error(`no Debian suite is known for etcd ${line}`);
  for (const suite of SUITES[line]) {
    const dir = join(workDir, suite);
    try {
      await fromSuite(suite, dir);
      await collectBinaries(dir, outDir, line);
      return;
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

async function fromSuite(suite: string, dir: string): Promise<void> {
  for (const sub of ['sources', 'conf', 'state/lists/partial', 'cache/archives/partial', 'deb', 'root']) {
    await mkdir(join(dir, sub), { recursive: true });
  }
  await writeSources(suite, join(dir, 'sources'));
  await copyConf(join(dir, 'conf'));
  const options = [
    'Dir::Etc::sourcelist=/dev/null',
    `Dir::Etc::sourceparts=${join(dir, 'sources')}`,
    `Dir::Etc::parts=${join(dir, 'conf')}`,
    `Dir::State=${join(dir, 'state')}`,
    'Dir::State::status=/dev/null',
    `Dir::Cache=${join(dir, 'cache')}`,
    'Acquire::Languages=none',
    'Acquire::Retries=2',
    'Acquire::http::Timeout=30',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false',
    // The sandbox user cannot enter a private cache directory.
    ...(process.getuid?.() === 0 ? ['APT::Sandbox::User=root'] : []),
  ].flatMap((option) => ['-o', option]);
  // Dir::Etc::parts is read before the command line is, so it has to come by the environment as well.
  await writeFile(join(dir, 'apt.conf'), `Dir::Etc::parts "${join(dir, 'conf')}";\n`);
  const env = { ...process.env, APT_CONFIG: join(dir, 'apt.conf') };
  await runOk('apt-get', [...options, 'update'], { env, timeoutMs: 180_000 });
  const download = [...options, 'download', 'etcd-server', 'etcd-client'];
  await runOk('apt-get', download, { env, cwd: join(dir, 'deb'), timeoutMs: 180_000 });
  for (const name of await readdir(join(dir, 'deb'))) {
    await runOk('dpkg', ['-x', join(dir, 'deb', name), join(dir, 'root')]);
  }
}

async function collectBinaries(dir: string, outDir: string, line: EtcdLine): Promise<void> {
  const bin = join(dir, 'root', 'usr', 'bin');
  const said = await runOk(join(bin, 'etcd'), ['--version']);
  if (!said.stdout.includes(`etcd Version: ${line}.`)) {
    throw new Error(`the suite carries ${said.stdout.split('\n')[0]}, not ${line}`);
  }
  await mkdir(outDir, { recursive: true });
  for (const name of ['etcd', 'etcdctl', 'etcdutl']) {
    const optional = name === 'etcdutl';
    const found = await stat(join(bin, name)).catch(() => undefined);
    if (found === undefined && optional) continue;
    await copyFile(join(bin, name), join(outDir, name));
  }
}

/** Only the machine's configuration about transport: its hooks (cache cleaning, catalog refresh) are not ours to run. */
async function copyConf(dir: string): Promise<void> {
  const from = '/etc/apt/apt.conf.d';
  for (const name of await readdir(from).catch(() => [])) {
    const text = await readFile(join(from, name), 'utf8').catch(() => '');
    if (/Acquire/.test(text) && !/Invoke/.test(text)) await writeFile(join(dir, name), text);
  }
}

async function writeSources(suite: string, dir: string): Promise<void> {
  const codename = (await osRelease()).get('VERSION_CODENAME') ?? '';
  const own = new Set([codename, ...ROLLING_NAMES]);
  const parts = '/etc/apt/sources.list.d';
  const names = (await readdir(parts).catch(() => [])).map((name) => join(parts, name));
  let written = 0;
  for (const path of ['/etc/apt/sources.list', ...names]) {
    const text = await readFile(path, 'utf8').catch(() => '');
    const replaced = path.endsWith('.sources') ? replaceStanzas(text, own, suite) : replaceLines(text, own, suite);
    if (replaced === '') continue;
    written += 1;
    await writeFile(join(dir, `${written}.${path.endsWith('.sources') ? 'sources' : 'list'}`), replaced);
  }
  if (written === 0) throw new Error("no entry of the machine's apt sources names its own Debian suite");
}

/** Stanzas (deb822) of `text` which serve one of the `own` suites, with the suite replaced; others are left out. */
export function replaceStanzas(text: string, own: ReadonlySet<string>, suite: string): string {
  const kept: string[] = [];
  for (const stanza of text.split(/\n\s*\n/)) {
    const suites = /^Suites:(.*)$/m.exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
    const components = /^Components:(.*)$/m.exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
    const types = /^Types:(.*)$/m.exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
    if (!types.includes('deb') || !components.includes('main') || !suites.some((name) => own.has(name))) continue;
    const single = stanza.replace(/^Suites:.*$/m, `Suites: ${suite}`).replace(/^Types:.*$/m, 'Types: deb');
    kept.push(single.replace(/^Components:.*$/m, 'Components: main'));
  }
  return kept.length === 0 ? '' : `${kept.join('\n\n')}\n`;
}

/** The same for the one-line format. */
export function replaceLines(text: string, own: ReadonlySet<string>, suite: string): string {
  const kept: string[] = [];
  for (const line of text.split('\n')) {
    const match = /^deb\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)$/.exec(line.trim());
    const [, options = '', uri = '', name = '', components = ''] = match ?? [];
    if (!own.has(name) || !components.split(/\s+/).includes('main')) continue;
    kept.push(`deb ${options}${uri} ${suite} main`);
  }
  return kept.length === 0 ? '' : `${kept.join('\n')}\n`;
}

async function osRelease(): Promise<Map<string, string>> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const entries = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [key, value] = line.split('=', 2);
    if (key !== undefined && value !== undefined) entries.set(key, value.replace(/^"|"$/g, ''));
  }
  return entries;
}
