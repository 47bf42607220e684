import { parseCgroupFile } from './cgroups.js';
import { attempt, fileView, throughView } from './local-files.js';
import type { FilesPort } from './ports/files.js';
import type { LogPlace } from './platforms/profile.js';
import { type MemberTarget, ProbeError } from './probe.js';

/** Where the log of a member is. */
export type LogSource =
  | { readonly type: 'file'; readonly path: string; readonly previous: readonly string[] }
  /** `directory` holds the journal of a host whose root is mounted elsewhere. */
  | { readonly type: 'journal'; readonly unit: string; readonly directory?: string };

export interface LogSources {
  readonly sources: readonly LogSource[];
  /** What was looked at in vain, in words. */
  readonly tried: readonly string[];
  /** First refusal for lack of rights. */
  readonly denied?: ProbeError;
}

interface Search {
  readonly files: FilesPort;
  readonly signal: AbortSignal;
  readonly tried: string[];
  denied?: ProbeError;
}

/**
 * Finds the log: `--log` files, else the first of: a file in log-outputs, a file behind stderr or stdout, the pod log, the container
 * log, the journal of the unit.
 */
export const findLogSources = async (
  files: FilesPort,
  target: MemberTarget,
  signal: AbortSignal,
): Promise<LogSources> => {
  const search: Search = { files, signal, tried: [] };
  const sources = await firstSources(search, target);
  return { sources, tried: search.tried, ...(search.denied === undefined ? {} : { denied: search.denied }) };
};

const firstSources = async (search: Search, target: MemberTarget): Promise<readonly LogSource[]> => {
  const explicit = target.logFiles ?? [];
  if (explicit.length > 0) return withPrevious(search, explicit);
  const { local } = target;
  if (local === undefined) return [];
  const places = local.logPlaces ?? [];
  if (local.pid === 0) {
    const pods = await podLogs(search, []);
    return pods.length > 0 ? pods : platformLogs(search, places);
  }
  const outputs = await outputFiles(search, local.pid, local.settings['log-outputs']);
  if (outputs.length > 0) return outputs;
  const { regular, journal } = await standardStreams(search, local.pid);
  if (regular.length > 0) return regular;
  const text = await attempt(search.files.readText(`/proc/${local.pid}/cgroup`));
  const paths = [
    ...new Set(
      parseCgroupFile(text ?? '')
        .map(({ path }) => path)
        .concat(namedHierarchies(text ?? '')),
    ),
  ];
  const pods = await podLogs(search, paths);
  if (pods.length > 0) return pods;
  const unit = unitOf(paths);
  if (unit !== undefined && journal) return [await journalOf(search, unit)];
  search.tried.push(
    unit === undefined ? 'no systemd unit in the cgroup of the process' : `unit ${unit} does not write to the journal`,
  );
  return platformLogs(search, places);
};

/** Where the platform keeps the log: newest pod directory, file, journal of its unit. The first that is there is taken. */
const platformLogs = async (search: Search, places: readonly LogPlace[]): Promise<readonly LogSource[]> => {
  for (const place of places) {
    if (place.kind === 'pod') {
      const names = (await attempt(search.files.list(POD_LOGS, search.signal))) ?? [];
      const sources = await Promise.all(
        names
          .filter((name) => name.startsWith(place.pod))
          .slice(0, 32)
          .map((name) => podSource(search, `${POD_LOGS}/${name}`)),
      );
      // A static pod gets a new uid, and a new directory, with every change of its manifest.
      const newest = await newestFirst(
        search,
        sources.flatMap((source) => (source?.type === 'file' ? [source.path] : [])),
      );
      const found = sources.find((source) => source?.type === 'file' && source.path === newest[0]);
      if (found !== undefined) return [found];
      search.tried.push(`no directory ${POD_LOGS}/${place.pod}* with a log`);
    } else if (place.kind === 'file') {
      if (await isFile(search, place.path))
        return [{ type: 'file', path: place.path, previous: await rotatedOf(search, place.path) }];
    } else if (await journalKeeps(search, place.unit)) return [await journalOf(search, place.unit)];
  }
  return [];
};

const journalOf = async ({ files, signal }: Search, unit: string): Promise<LogSource> => {
  if (files.root === undefined) return { type: 'journal', unit };
  for (const dir of ['/var/log/journal', '/run/log/journal']) {
    if ((await attempt(files.stat(dir, { signal }))) !== undefined)
      return { type: 'journal', unit, directory: `${files.root}${dir}` };
  }
  return { type: 'journal', unit };
};

/** A unit is known to systemd when its file is there; journalctl would only say that there are no lines. */
const journalKeeps = async (search: Search, unit: string): Promise<boolean> => {
  for (const dir of [
    '/etc/systemd/system',
    '/run/systemd/system',
    '/usr/local/lib/systemd/system',
    '/usr/lib/systemd/system',
    '/lib/systemd/system',
  ]) {
    if ((await attempt(search.files.stat(`${dir}/${unit}`, { signal: search.signal }))) !== undefined) return true;
  }
  search.tried.push(`no unit ${unit} on this host`);
  return false;
};

/** Paths of hierarchies without controller, such as `name=systemd`, which hold the unit on v1 systems. */
const namedHierarchies = (text: string): readonly string[] =>
  text.split('\n').flatMap((line) => /^\d+:name=[^:]*:(.+)$/.exec(line)?.[1] ?? []);

/** Innermost service of a cgroup path: `/system.slice/etcd.service` -> `etcd.service`. */
export const unitOf = (paths: readonly string[]): string | undefined => {
  for (const path of paths) {
    const unit = path.split('/').findLast((part) => /^[A-Za-z0-9:_.\\@-]+\.service$/.test(part));
    if (unit !== undefined && !unit.startsWith('-')) return unit;
  }
  return undefined;
};

const isFile = async (search: Search, path: string): Promise<boolean> => {
  try {
    if ((await search.files.stat(path, { signal: search.signal })).type === 'file') return true;
    search.tried.push(`${path} is no regular file`);
  } catch (error) {
    if (error instanceof ProbeError && error.state === 'timeout') throw error;
    if (error instanceof ProbeError && error.state === 'denied') search.denied ??= error;
    search.tried.push(error instanceof Error ? error.message : path);
  }
  return false;
};

const withPrevious = async (search: Search, paths: readonly string[]): Promise<readonly LogSource[]> => {
  const sources: LogSource[] = [];
  for (const path of paths) {
    if (await isFile(search, path)) sources.push({ type: 'file', path, previous: await rotatedOf(search, path) });
  }
  return sources;
};

/** Names that log-outputs understands besides files (etcd configuration reference). */
const notFiles = ['default', 'stdout', 'stderr', 'systemd/journal', ''];

const outputFiles = async (search: Search, pid: number, outputs: string | undefined): Promise<readonly LogSource[]> => {
  const named = (outputs ?? '').split(',').map((name) => name.trim());
  const paths = named.filter((name) => !notFiles.includes(name));
  if (paths.length === 0) return [];
  const view = await fileView(search.files, pid);
  return withPrevious(
    search,
    paths.map((path) => throughView(view, path)),
  );
};

/** Files behind stderr and stdout; `journal` when one of them is a socket, as systemd connects it. */
const standardStreams = async (
  search: Search,
  pid: number,
): Promise<{ readonly regular: readonly LogSource[]; readonly journal: boolean }> => {
  const regular: LogSource[] = [];
  const seen = new Set<string>();
  let journal = false;
  for (const descriptor of [2, 1]) {
    const path = `/proc/${pid}/fd/${descriptor}`;
    let link: string;
    try {
      link = await search.files.readLink(path);
    } catch (error) {
      if (error instanceof ProbeError && error.state === 'denied') search.denied ??= error;
      search.tried.push(`${path}: ${error instanceof Error ? error.message : 'unreadable'}`);
      // Without rights over the process its streams are unknown; the journal may still be readable.
      journal = true;
      continue;
    }
    if (link.startsWith('socket:')) journal = true;
    if (!link.startsWith('/') || link === '/dev/null' || seen.has(link)) continue;
    seen.add(link);
    if (!(await isFile(search, path))) continue;
    // Through the descriptor, because the name may have been rotated away or belong to another mount namespace.
    regular.push({ type: 'file', path, previous: await rotatedOf(search, link) });
  }
  return { regular, journal };
};

const directoryOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Rotated forms of a log file beside it, newest first: `x.log.1`, `x.log-20260101`, `x-<time>.log` (lumberjack), `.gz` too. */
const rotatedOf = async (search: Search, path: string): Promise<readonly string[]> => {
  const name = nameOf(path).replace(/ \(deleted\)$/, '');
  const stem = name.replace(/\.log$/, '');
  const dir = directoryOf(path);
  const names = (await attempt(search.files.list(dir, search.signal))) ?? [];
  const rotated = names.filter(
    (other) =>
      other !== name &&
      (other.startsWith(`${name}.`) ||
        other.startsWith(`${name}-`) ||
        (other.startsWith(`${stem}-2`) && /\.log(\.gz)?$/.test(other))) &&
      !/\.(tmp|swp|bz2|xz|zst)$/.test(other),
  );
  return newestFirst(
    search,
    rotated.map((other) => `${dir}/${other}`),
  );
};

const newestFirst = async (search: Search, paths: readonly string[]): Promise<readonly string[]> => {
  const dated = await Promise.all(
    paths.map(async (path) => ({ path, found: await attempt(search.files.stat(path, { signal: search.signal })) })),
  );
  return dated
    .flatMap(({ path, found }) => (found?.type === 'file' ? [{ path, mtimeMs: found.mtimeMs }] : []))
    .sort((a, b) => b.mtimeMs - a.mtimeMs)
    .map(({ path }) => path);
};

const POD_LOGS = '/var/log/pods';
const CONTAINER_LOGS = '/var/log/containers';

/**
 * The log directory `<namespace>_<pod>_<uid>/<container>` of the pod of the process (uid from its cgroup; a static pod's uid is a hash),
 * or the only etcd pod when the cgroup does not say. `<n>.log` counts restarts: the highest is the current container.
 */
const podLogs = async (search: Search, cgroups: readonly string[]): Promise<readonly LogSource[]> => {
  const { files, signal } = search;
  const pods = await attempt(files.list(POD_LOGS, signal));
  const uids = cgroups.flatMap(
    (path) => /pod([0-9a-f]{8}[0-9a-f_-]{24,28})/.exec(path)?.[1]?.replaceAll('_', '-') ?? [],
  );
  const containers = cgroups.flatMap((path) => /([0-9a-f]{64})/.exec(path)?.[1] ?? []);
  const etcdPods = (pods ?? []).filter((name) => /etcd/.test(name));
  const matched = etcdPods.filter((name) => uids.some((uid) => name.endsWith(`_${uid}`)));
  // A pod seen in the cgroup rules guessing out; without any, a single etcd pod is a safe guess only for containers.
  const guess =
    uids.length === 0 && etcdPods.length === 1 && (cgroups.length === 0 || containers.length > 0) ? etcdPods : [];
  for (const pod of [...matched, ...guess]) {
    const source = await podSource(search, `${POD_LOGS}/${pod}`);
    if (source !== undefined) return [source];
  }
  for (const id of new Set(containers)) {
    const names = (await attempt(files.list(CONTAINER_LOGS, signal))) ?? [];
    const link = names.find((name) => name.includes(id));
    const real = link === undefined ? undefined : await attempt(files.realPath(`${CONTAINER_LOGS}/${link}`, signal));
    // The place where Docker's json-file driver keeps them.
    for (const path of [...(real === undefined ? [] : [real]), `/var/lib/docker/containers/${id}/${id}-json.log`]) {
      if (await isFile(search, path)) return [{ type: 'file', path, previous: await rotatedOf(search, path) }];
    }
  }
  search.tried.push(pods === undefined ? `${POD_LOGS} cannot be listed` : `no pod log of this process in ${POD_LOGS}`);
  return [];
};

const podSource = async (search: Search, dir: string): Promise<LogSource | undefined> => {
  const containers = (await attempt(search.files.list(dir, search.signal))) ?? [];
  const container = containers.includes('etcd')
    ? 'etcd'
    : containers.find((name) => /etcd/.test(name) && !/ctl|metrics|ready/.test(name));
  if (container === undefined) return undefined;
  const names = (await attempt(search.files.list(`${dir}/${container}`, search.signal))) ?? [];
  const numbered = names
    .flatMap((name) => {
      const number = /^(\d+)\.log$/.exec(name)?.[1];
      return number === undefined ? [] : [{ name, number: Number(number) }];
    })
    .sort((a, b) => b.number - a.number);
  const current = numbered[0];
  if (current === undefined) return undefined;
  const others = names
    .filter((name) => name !== current.name && /^\d+\.log/.test(name))
    .map((name) => `${dir}/${container}/${name}`);
  const path = `${dir}/${container}/${current.name}`;
  return (await isFile(search, path)) ? { type: 'file', path, previous: await newestFirst(search, others) } : undefined;
};
