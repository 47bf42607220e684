import { UsageError } from '../../../collector/errors.js';
import { parseCount, parseDuration } from '../../../collector/cli/values.js';
import type { EtcdLine } from '../../support/etcd-binaries.js';
import type { ClusterOptions } from '../cluster/cluster-types.js';
import { loadByName, faultByName } from '../registry.js';
import type { LoadStep } from '../scenario.js';
import { choice, list, one, parseLine, parseMember, type RawFlags } from './values.js';

/** What `up` and `run` were asked for; only what was given is in `cluster`. */
export interface UpOptions {
  readonly name: string;
  readonly ttlMs: number;
  readonly cluster: ClusterOptions;
  /** Faults that the cluster shall be fit for. */
  readonly fitFor: readonly string[];
  /** Undefined: none asked for. */
  readonly loads: readonly LoadStep[] | undefined;
}

const DEFAULT_TTL_MS = 30 * 60_000;
const MAX_TTL_MS = 24 * 3_600_000;
export const DEFAULT_NAME = 'lab';

/** A lab's name is a directory's name and part of a socket's path. */
export const parseName = (flag: string, text: string): string => {
  if (/^[a-z0-9][a-z0-9-]{0,30}$/.test(text)) return text;
  throw new UsageError(`${flag} ${text}: not a name`, 'use up to 31 lower-case letters, digits and hyphens');
};

const ttlOf = (text: string | undefined): number => {
  if (text === undefined) return DEFAULT_TTL_MS;
  const ms = parseDuration('--ttl', text);
  if (ms < 10_000 || ms > MAX_TTL_MS) throw new UsageError(`--ttl ${text}: out of range`, 'use 10s to 24h');
  return ms;
};

const authOf = (text: string | undefined): ClusterOptions['auth'] => {
  if (text === undefined) return undefined;
  const [, user, password] = /^([^:]+):(.+)$/.exec(text) ?? [];
  if (user === undefined || password === undefined)
    throw new UsageError(`--auth ${text}: no user and password`, 'write --auth user:password');
  return { user, password };
};

/** etcd's flags as etcd writes them; the leading hyphens may be left out, which spares the shell's and yargs' reading of them. */
export const parseEtcdFlag = (text: string): string => {
  const flag = `--${text.replace(/^-+/, '')}`;
  if (/^--[a-z][a-z0-9-]*(=.*)?$/.test(flag)) return flag;
  throw new UsageError(`--flag ${text}: not a flag of etcd`, 'write --flag=--quota-backend-bytes=16777216');
};

const memberVersionsOf = (values: readonly string[], size: number): Record<number, EtcdLine> => {
  const found: Record<number, EtcdLine> = {};
  for (const value of values) {
    const [who = '', line = ''] = value.split('=');
    const index = parseMember('--member-version', who);
    if (index >= size) throw new UsageError(`--member-version ${value}: there are ${size} members`, 'use m1 and up');
    found[index] = parseLine('--member-version', line);
  }
  return found;
};

const namedLoads = (names: readonly string[]): LoadStep[] | undefined => {
  if (names.length === 0) return undefined;
  return names.filter((name) => name !== 'none').map((name) => ({ load: known(() => loadByName(name)).name }));
};

/** A name that the registry does not have is the caller's mistake; its message lists what there is. */
export const known = <T>(look: () => T): T => {
  try {
    return look();
  } catch (error) {
    const [message = '', ...rest] = (error instanceof Error ? error.message : String(error)).split('; ');
    throw new UsageError(message, rest.join('; ') || 'see "list"');
  }
};

/** Checks the flags of `up` and `run`. Throws UsageError. */
export const upOptionsOf = (flags: RawFlags): UpOptions => {
  const size = one(flags, 'size');
  const version = one(flags, 'version');
  const tls = choice(flags, 'tls', ['none', 'mtls']);
  const auth = authOf(one(flags, 'auth'));
  const etcdFlags = list(flags, 'flag').map(parseEtcdFlag);
  const members = size === undefined ? 3 : parseCount('--size', size, 1, 9);
  const memberVersions = memberVersionsOf(list(flags, 'member-version'), members);
  const fitFor = list(flags, 'for').flatMap((names) => names.split(','));
  for (const name of fitFor) known(() => faultByName(name));
  return {
    name: parseName('--name', one(flags, 'name') ?? DEFAULT_NAME),
    ttlMs: ttlOf(one(flags, 'ttl')),
    cluster: {
      ...(size === undefined ? {} : { size: members }),
      ...(version === undefined ? {} : { version: parseLine('--version', version) }),
      ...(tls === undefined ? {} : { tls }),
      ...(auth === undefined ? {} : { auth }),
      ...(etcdFlags.length === 0 ? {} : { flags: etcdFlags }),
      ...(Object.keys(memberVersions).length === 0 ? {} : { memberVersions }),
    },
    fitFor,
    loads: namedLoads(list(flags, 'load')),
  };
};
