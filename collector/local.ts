import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename } from 'node:path';
import { absolute, attempt, type FileView, fileView, throughView } from './local-files.js';
import { logsNow } from './log-places.js';
import type { FilesPort } from './ports/files.js';
import { type ProcessStat, processTable } from './ports/process.js';
import { type LocalMember, ProbeError } from './probe.js';
import { type AllowedValues, allowFileValues, parseArguments, parseEnvironment, settingsInForce } from './settings.js';
import { parseConfigFile } from './settings-file.js';

/** Configuration of one local etcd process, before it is flattened into settings. */
export interface ProcessConfiguration {
  readonly executable: string;
  readonly flags: AllowedValues;
  readonly env: AllowedValues;
  /** Path as the process sees it. */
  readonly configFile?: string;
  readonly file?: AllowedValues;
  readonly settings: Readonly<Record<string, string>>;
  /** As the process sees it, absolute when its working directory is known. */
  readonly dataDir?: string;
  readonly walDir?: string;
  readonly view: FileView;
  /** What could not be read, in words. */
  readonly problems: readonly string[];
}

export interface LocalDiscovery {
  readonly members: readonly LocalMember[];
  /** What could not be looked at, in words. */
  readonly notes: readonly string[];
}

/** A config file on a dead file system must not hold up the run. */
const DISCOVERY_MS = 3000;

/** `host-` and 8 hex digits of SHA-256 of the machine id (of the host whose root is mounted at `root`), or of the host name where there is none. */
export const hostToken = (root = ''): string => {
  let identity = '';
  for (const path of ['/etc/machine-id', '/var/lib/dbus/machine-id']) {
    try {
      identity ||= readFileSync(`${root}${path}`, 'utf8').trim();
    } catch {
      // Containers and other systems have none.
    }
  }
  return `host-${createHash('sha256')
    .update(identity || hostname())
    .digest('hex')
    .slice(0, 8)}`;
};

/** One deadline for all processes; each of them listens on it while it is read, and there may be many. */
const discoveryDeadline = (): AbortSignal => {
  const signal = AbortSignal.timeout(DISCOVERY_MS);
  setMaxListeners(0, signal);
  return signal;
};

/** All etcd processes of this host: `etcd` itself (systemd, containers, static pods, RKE2, k0s) and k3s, which embeds it. */
export const findLocalMembers = async (
  files: FilesPort,
  signal: AbortSignal = discoveryDeadline(),
): Promise<LocalDiscovery> => {
  if (process.platform !== 'linux') return { members: [], notes: ['local processes are found on Linux only'] };
  const rows = (await processTable(files)).filter(({ command }) => isServerName(command));
  const found = await Promise.all(rows.map((row) => inspect(files, row, signal)));
  return {
    members: found.flatMap(({ member }) => (member === undefined ? [] : [member])),
    notes: found.flatMap(({ notes }) => notes),
  };
};

/** Command names of etcd servers: `etcd` itself, and k3s, which embeds it. */
export const isServerName = (name: string): boolean => isEtcdName(name) || isK3sName(name);

const isEtcdName = (name: string): boolean => /^etcd([-_]?v?\d[\w.-]*)?$/.test(name);
const isK3sName = (name: string): boolean => name === 'k3s' || name === 'k3s-server';

/** A process as a member, when it is an etcd server, and what could not be learnt of it. */
export const inspect = async (
  files: FilesPort,
  row: ProcessStat,
  signal: AbortSignal,
): Promise<{ readonly member?: LocalMember; readonly notes: readonly string[] }> => {
  if (row.state === 'Z' || row.state === 'X') return { notes: [`${row.command} (pid ${row.pid}) is a zombie`] };
  const configuration = await readConfiguration(files, row.pid, signal);
  if (configuration === undefined) return { notes: [] };
  const { executable, settings, dataDir, walDir, problems } = configuration;
  const logPlaces = await logsNow(files, row.pid, configuration);
  return {
    member: {
      pid: row.pid,
      startTicks: row.startTicks,
      executable,
      settings,
      ...(dataDir === undefined ? {} : { dataDir }),
      ...(walDir === undefined ? {} : { walDir }),
      ...(logPlaces.length === 0 ? {} : { logPlaces }),
      matchedBy: `process ${executable} (pid ${row.pid})`,
    },
    notes: problems.map((problem) => `${executable} (pid ${row.pid}): ${problem}`),
  };
};

/**
 * Command line, environment and config file of a process; `undefined` when it is no etcd server (it ended, is a proxy or gateway, or a
 * k3s without embedded etcd). Parts that may not be read are said in `problems`.
 */
export const readConfiguration = async (
  files: FilesPort,
  pid: number,
  signal: AbortSignal,
): Promise<ProcessConfiguration | undefined> => {
  const [comm] = files.readPseudo([`/proc/${pid}/comm`]);
  const problems: string[] = [];
  let commandLine: string | undefined;
  try {
    // Not with readPseudo: the kernel takes the memory lock of the process for this, and a stuck process may hold it for ever.
    commandLine = await files.readText(`/proc/${pid}/cmdline`, { signal });
  } catch (error) {
    if (!(error instanceof ProbeError) || error.state !== 'timeout') return undefined;
    problems.push('the command line cannot be read: the process hangs in the kernel');
  }
  if (commandLine === '') return undefined;
  const argv = (commandLine ?? '').replace(/\0$/, '').split('\0');
  const view = await fileView(files, pid);
  const executable = await executableName(files, pid, argv[0] ?? '', comm?.trim() ?? '');
  const environ = await readEnvironment(files, pid, problems, signal);
  if (isK3sName(executable) || isK3sName(comm?.trim() ?? ''))
    return k3sConfiguration({ files, view, problems, signal }, argv, environ);
  if (argv[1] === 'gateway' || argv[1] === 'grpc-proxy') return undefined;
  const flags = parseArguments(argv.slice(1));
  const env = parseEnvironment(environ);
  const configFile = flags.values['config-file'] || env.values['ETCD_CONFIG_FILE'];
  const file =
    configFile === undefined ? undefined : await readConfigFile({ files, view, problems, signal }, configFile);
  return assemble({ executable, flags, env, view, problems, configFile, file, readable: commandLine !== undefined });
};

const assemble = (parts: {
  executable: string;
  flags: AllowedValues;
  env: AllowedValues;
  view: FileView;
  problems: readonly string[];
  configFile: string | undefined;
  file: AllowedValues | undefined;
  /** The command line could be read. */
  readable: boolean;
}): ProcessConfiguration => {
  const { executable, flags, env, view, problems, configFile, file, readable } = parts;
  // With an unreadable config file nothing is known to be in force: etcd then ignores flags and environment.
  const known = readable && (configFile === undefined || file !== undefined);
  const settings = known ? settingsInForce({ flags, env, file }) : {};
  const named = settings['data-dir'] || `${settings['name'] ?? 'default'}.etcd`;
  const placed = (path: string): string | undefined =>
    path.startsWith('/') || view.cwd !== undefined ? absolute(view, path) : undefined;
  const dataDir = known ? placed(named) : undefined;
  const walDir = known && settings['wal-dir'] ? placed(settings['wal-dir']) : undefined;
  return {
    executable,
    flags,
    env,
    ...(configFile === undefined ? {} : { configFile }),
    ...(file === undefined ? {} : { file }),
    settings,
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(walDir === undefined ? {} : { walDir }),
    view,
    problems,
  };
};

const executableName = async (files: FilesPort, pid: number, first: string, comm: string): Promise<string> => {
  const link = await attempt(files.readLink(`/proc/${pid}/exe`));
  const name = basename(link?.replace(/ \(deleted\)$/, '') ?? first);
  return isEtcdName(name) || isK3sName(name) ? name : comm || name;
};

const readEnvironment = async (
  files: FilesPort,
  pid: number,
  problems: string[],
  signal: AbortSignal,
): Promise<readonly string[]> => {
  try {
    return (await files.readText(`/proc/${pid}/environ`, { signal })).split('\0');
  } catch (error) {
    problems.push(`environment not read: ${reasonOf(error)}`);
    return [];
  }
};

interface Reading {
  readonly files: FilesPort;
  readonly view: FileView;
  readonly problems: string[];
  readonly signal: AbortSignal;
}

const readConfigFile = async (
  { files, view, problems, signal }: Reading,
  path: string,
): Promise<AllowedValues | undefined> => {
  const place = throughView(view, path);
  try {
    return allowFileValues(parseConfigFile(await files.readText(place, { signal })));
  } catch (error) {
    problems.push(`config file ${place} not understood: ${reasonOf(error)}`);
    return undefined;
  }
};

/** k3s writes the configuration of its etcd to `<data-dir>/server/db/etcd/config`; without that directory it runs on another store. */
const k3sConfiguration = async (
  reading: Reading,
  argv: readonly string[],
  environ: readonly string[],
): Promise<ProcessConfiguration | undefined> => {
  const { files, view, problems, signal } = reading;
  // The server re-executes itself and shows `k3s server` as its command line, in one argument or two.
  const words = argv.join(' ').split(' ');
  if (!words.includes('server')) return undefined;
  const base = optionOf(words, ['--data-dir', '-d']) ?? variableOf(environ, 'K3S_DATA_DIR') ?? '/var/lib/rancher/k3s';
  const configFile = `${base}/server/db/etcd/config`;
  try {
    await files.stat(throughView(view, configFile), { signal });
  } catch (error) {
    if (error instanceof ProbeError && error.reason === 'file-missing') return undefined;
    problems.push(`whether this k3s embeds etcd is unknown: ${reasonOf(error)}`);
  }
  const file = await readConfigFile(reading, configFile);
  const none = { values: {}, omitted: [] };
  const env = parseEnvironment(environ.filter((line) => line.startsWith('GO')));
  return assemble({ executable: 'k3s', flags: none, env, view, problems, configFile, file, readable: true });
};

const optionOf = (words: readonly string[], names: readonly string[]): string | undefined => {
  const at = words.findIndex((word) => names.includes(word.split('=')[0] ?? ''));
  const word = words[at];
  if (word === undefined) return undefined;
  return word.includes('=') ? word.slice(word.indexOf('=') + 1) : words[at + 1];
};

const variableOf = (environ: readonly string[], name: string): string | undefined =>
  environ.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
