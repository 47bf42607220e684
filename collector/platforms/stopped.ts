import { attempt } from '../local-files.js';
import type { FilesPort } from '../ports/files.js';
import type { LocalMember } from '../probe.js';
import { allowFileValues, parseArguments, parseEnvironment, settingsInForce } from '../settings.js';
import { parseConfigFile } from '../settings-file.js';
import { containerOf } from './pod-file.js';
import type { SettingsSource } from './profile.js';

/** Settings of a member as they are written down on its node. */
export interface WrittenSettings {
  readonly source: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Client URLs of members that the source names besides. */
  readonly endpoints: readonly string[];
}

const MAX_BYTES = 256 * 1024;

const pathFlags = [
  'data-dir',
  'wal-dir',
  'cert-file',
  'key-file',
  'trusted-ca-file',
  'client-cert-file',
  'client-key-file',
  'peer-cert-file',
  'peer-key-file',
  'peer-trusted-ca-file',
] as const;

const none = { values: {}, omitted: [] };

const unquoted = (value: string): string => value.trim().replace(/^(["'])(.*)\1$/, '$2');

const lines = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

const readConfig = async (files: FilesPort, path: string, signal: AbortSignal) =>
  settingsInForce({
    flags: none,
    env: none,
    file: allowFileValues(parseConfigFile(await files.readText(path, { maxBytes: MAX_BYTES, signal }))),
  });

const fromManifest = async (
  files: FilesPort,
  path: string,
  signal: AbortSignal,
): Promise<WrittenSettings | undefined> => {
  const container = containerOf(await files.readText(path, { maxBytes: MAX_BYTES, signal }), 'etcd');
  if (container === undefined) return undefined;
  const flags = parseArguments(container.argv.slice(1));
  const env = parseEnvironment(container.env);
  const config = flags.values['config-file'];
  const settings =
    config === undefined ? settingsInForce({ flags, env }) : await readConfig(files, container.onHost(config), signal);
  const moved = pathFlags.flatMap((flag) => {
    const value = settings[flag];
    return value === undefined ? [] : [[flag, container.onHost(value)] as const];
  });
  // OpenShift names all members to the etcdctl in the same pod.
  const endpoints = container.env
    .filter((line) => /^(ALL_ETCD_ENDPOINTS|ETCDCTL_ENDPOINTS)=/.test(line))
    .flatMap((line) => line.slice(line.indexOf('=') + 1).split(','));
  return { source: path, settings: { ...settings, ...Object.fromEntries(moved) }, endpoints: [...new Set(endpoints)] };
};

const readSource = async (
  files: FilesPort,
  { kind, path }: SettingsSource,
  signal: AbortSignal,
): Promise<WrittenSettings | undefined> => {
  if (kind === 'manifest') return fromManifest(files, path, signal);
  if (kind === 'config') return { source: path, settings: await readConfig(files, path, signal), endpoints: [] };
  const text = await files.readText(path, { maxBytes: MAX_BYTES, signal });
  if (kind === 'arguments') {
    const argv = lines(text).map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? line : `${line.slice(0, at)}=${unquoted(line.slice(at + 1))}`;
    });
    return { source: path, settings: settingsInForce({ flags: parseArguments(argv), env: none }), endpoints: [] };
  }
  const variables = lines(text).flatMap((line) => {
    const [, name, value] = /^(?:export\s+)?(ETCD_[A-Z0-9_]+)=(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [`${name}=${unquoted(value ?? '')}`];
  });
  if (variables.length === 0) return undefined;
  return { source: path, settings: settingsInForce({ flags: none, env: parseEnvironment(variables) }), endpoints: [] };
};

/** The first source that can be read; what could not be read or understood is said in `notes`, without its content. */
export const writtenSettings = async (
  files: FilesPort,
  sources: readonly SettingsSource[],
  signal: AbortSignal,
  notes: string[],
): Promise<WrittenSettings | undefined> => {
  for (const source of sources) {
    if ((await attempt(files.stat(source.path, { signal }))) === undefined) continue;
    try {
      const found = await readSource(files, source, signal);
      if (found !== undefined) return found;
    } catch (error) {
      notes.push(`${source.path} was not used: ${error instanceof Error ? error.message : 'unreadable'}`);
    }
  }
  return undefined;
};

/** A member of this host that does not run, as its settings describe it; pid 0 stands for that. */
export const stoppedMember = ({ source, settings }: WrittenSettings): LocalMember => {
  const dataDir = settings['data-dir'];
  const walDir = settings['wal-dir'];
  return {
    pid: 0,
    startTicks: '0',
    executable: '',
    settings,
    ...(dataDir?.startsWith('/') === true ? { dataDir } : {}),
    ...(walDir?.startsWith('/') === true ? { walDir } : {}),
    matchedBy: source,
  };
};
