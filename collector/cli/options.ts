import { accessSync, constants, existsSync } from 'node:fs';
import { errnoOf, UsageError } from '../errors.js';
import { splitOwner } from '../attach.js';
import { createSigner, type Signer } from '../bundle/sign.js';
import type { CollectOptions } from '../options.js';
import { deadMounts } from '../ports/dead-mounts.js';
import { readPrivateKeyFile, readPublicFile } from './key-file.js';
import { privacyOptions } from './privacy-options.js';
import { profiles } from '../platforms/index.js';
import { prometheusFrom } from './prometheus.js';
import { resolveAuth } from './secrets.js';
import { kubernetesFrom } from './kubernetes.js';
import { parseBytes, parseCount, parseDuration, parseSwitch, splitList } from './values.js';

/** Flags as yargs hands them over: everything is text, a repeated flag is a list. */
export type RawFlags = Readonly<Record<string, unknown>>;

type Env = Readonly<Record<string, string | undefined>>;

const defaults = {
  budgetMs: 60_000,
  itemTimeoutMs: 5_000,
  // etcd observes its peer round-trip histogram every 30 s only, so a shorter window may see no observation at all.
  normal: { rounds: 4, windowMs: 36_000 },
  quick: { rounds: 3, windowMs: 10_000 },
  sinceMs: 2 * 3_600_000,
  maxLogBytes: 8 * 1024 * 1024,
} as const;

/** Flags whose values may be recorded: no addresses of secrets' content, no user, no paths of keys. */
const recorded = [
  'endpoints',
  'cluster',
  'insecure-skip-tls-verify',
  'server-name',
  'metrics-endpoints',
  'rounds',
  'window',
  'quick',
  'budget',
  'timeout',
  'since',
  'max-log-bytes',
  'local',
  'kubernetes',
  'allow-load',
  'keyspace',
  'keyspace-prefix',
  'prometheus',
  'history',
  'prometheus-match',
  'nice',
  'label',
  'redact',
  'profile',
  'platform',
  'host-root',
  'interval',
  'keep',
  'until',
  'after',
  'for',
] as const;

export const list = (flags: RawFlags, name: string): string[] => {
  const value = flags[name];
  const values: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return values.map(String);
};

export const one = (flags: RawFlags, name: string): string | undefined => {
  const values = list(flags, name);
  if (values.length > 1) throw new UsageError(`--${name} is given ${values.length} times`, 'give it once');
  const [value] = values;
  if (value === '') throw new UsageError(`--${name} has no value`, `write --${name} VALUE, or leave it out`);
  return value;
};

export const toggle = (flags: RawFlags, name: string): boolean | undefined => {
  const value = flags[name];
  if (Array.isArray(value)) throw new UsageError(`--${name} is given ${value.length} times`, 'give it once');
  return typeof value === 'boolean' ? value : undefined;
};

export const choice = <T extends string>(flags: RawFlags, name: string, choices: readonly T[]): T | undefined => {
  const value = one(flags, name);
  if (value === undefined) return undefined;
  const found = choices.find((candidate) => candidate === value);
  if (found === undefined) throw new UsageError(`--${name} ${value}: unknown`, `use one of ${choices.join(', ')}`);
  return found;
};

/** What lies on a file system that hangs is taken to be there: its items will say more. */
const isThere = (path: string): boolean => deadMounts.has(path) || existsSync(path);

const readable = (flag: string, path: string | undefined): string | undefined => {
  if (path === undefined || path === '') return undefined;
  if (deadMounts.has(path)) throw new UsageError(`${flag} ${path}: its file system hangs`, 'copy the file elsewhere');
  try {
    accessSync(path, constants.R_OK);
    return path;
  } catch (error) {
    const why = errnoOf(error) === 'ENOENT' ? 'does not exist' : 'cannot be read by this user';
    throw new UsageError(`${flag} ${path}: ${why}`, 'check the path; certificates of a kubeadm cluster need root');
  }
};

const tlsOf = (flags: RawFlags, env: Env): CollectOptions['tls'] => {
  const cacert = readable('--cacert', one(flags, 'cacert') ?? env.ETCDCTL_CACERT);
  const cert = readable('--cert', one(flags, 'cert') ?? env.ETCDCTL_CERT);
  const key = readable('--key', one(flags, 'key') ?? env.ETCDCTL_KEY);
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError('--cert and --key belong together', `add ${cert === undefined ? '--cert' : '--key'} FILE`);
  }
  const serverName = one(flags, 'server-name');
  const skip = env.ETCDCTL_INSECURE_SKIP_TLS_VERIFY;
  return {
    ...(cacert === undefined ? {} : { cacert }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { serverName }),
    insecureSkipTlsVerify:
      toggle(flags, 'insecure-skip-tls-verify') ??
      (skip === undefined ? false : parseSwitch('ETCDCTL_INSECURE_SKIP_TLS_VERIFY', skip)),
  };
};

interface Times {
  readonly profile: CollectOptions['profile'];
  readonly rounds: number;
  readonly windowMs: number;
  readonly itemTimeoutMs: number;
  readonly budgetMs: number;
}

/** Rounds and times that flags ask for. Throws UsageError. */
export const timesOf = (flags: RawFlags): Times => {
  const quick = toggle(flags, 'quick') === true || choice(flags, 'profile', ['default', 'quick']) === 'quick';
  const base = quick ? defaults.quick : defaults.normal;
  const given = (name: string): number | undefined => {
    const text = one(flags, name);
    return text === undefined ? undefined : parseDuration(`--${name}`, text);
  };
  const roundsText = one(flags, 'rounds');
  const rounds = roundsText === undefined ? base.rounds : parseCount('--rounds', roundsText, 1, 1000);
  const windowMs = rounds === 1 ? 0 : (given('window') ?? base.windowMs);
  const itemTimeoutMs = given('timeout') ?? defaults.itemTimeoutMs;
  if (itemTimeoutMs < 100) throw new UsageError(`--timeout: ${itemTimeoutMs}ms is too short`, 'use 100ms or more');
  if (rounds > 1 && windowMs < (rounds - 1) * 250) {
    throw new UsageError(
      `--window: ${rounds} rounds do not fit into ${windowMs}ms`,
      'use at least 250ms for each round after the first',
    );
  }
  const needed = windowMs + itemTimeoutMs + 4000;
  const budget = given('budget');
  if (budget !== undefined && budget < 1000) throw new UsageError('--budget: less than a second', 'use 1s or more');
  return {
    profile: quick ? 'quick' : 'default',
    rounds,
    windowMs: Math.round(windowMs),
    itemTimeoutMs: Math.round(itemTimeoutMs),
    // A longer window was asked for: the default budget must not cut it. A budget that was given is kept as it is.
    budgetMs: Math.round(budget ?? Math.max(defaults.budgetMs, needed)),
  };
};

const platformOf = (flags: RawFlags): Pick<CollectOptions, 'platform' | 'hostRoot'> => {
  const names = ['auto', 'none', ...profiles.map(({ name }) => name)];
  const platform = choice(flags, 'platform', names);
  const hostRoot = one(flags, 'host-root')?.replace(/\/+$/, '');
  if (hostRoot !== undefined && hostRoot !== '' && !(hostRoot.startsWith('/') && existsSync(`${hostRoot}/etc`))) {
    throw new UsageError(
      `--host-root ${hostRoot}: no directory with the files of a host`,
      'name the absolute path where the root of the host is mounted (/host in a debug container)',
    );
  }
  return {
    ...(platform === undefined ? {} : { platform }),
    ...(hostRoot === undefined || hostRoot === '' ? {} : { hostRoot }),
  };
};

const invocationOf = (flags: RawFlags): Record<string, string> =>
  Object.fromEntries(
    recorded.flatMap((name) => (flags[name] === undefined ? [] : [[name, list(flags, name).join(',')] as const])),
  );

const endpointsOf = (flags: RawFlags, env: Env): string[] => {
  const given = splitList(list(flags, 'endpoints'));
  const found = given.length > 0 ? given : splitList([env.ETCDCTL_ENDPOINTS ?? '']);
  for (const endpoint of found) {
    if (/^unixs?:/.test(endpoint)) {
      throw new UsageError(
        `--endpoints ${endpoint}: unix sockets are not supported`,
        'give the host:port of a client URL',
      );
    }
    if (/@/.test(endpoint)) {
      throw new UsageError(
        '--endpoints with user information: it can be seen by every user',
        'use --user and --password-file',
      );
    }
  }
  return found;
};

/** Most bytes of a key file or a file of recipients: room for hundreds. */
const maxKeyFile = 64 * 1024;

/** Recipients as given or listed in files: one per line, `#` for comments, as age reads them. */
export const recipientsOf = (flags: RawFlags): string[] =>
  list(flags, 'encrypt-to').flatMap((value) => {
    if (/^AGE-SECRET-KEY-/i.test(value)) {
      throw new UsageError(
        '--encrypt-to: this is a secret key; arguments can be seen by every user of this machine',
        'give the public key (age1...) of a new key pair, since this one is no longer secret',
      );
    }
    if (/^age1[a-z0-9]+$/i.test(value)) return [value];
    const lines = readPublicFile('--encrypt-to', value, maxKeyFile)
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
    if (lines.length === 0)
      throw new UsageError(`--encrypt-to ${value}: no recipient in this file`, 'put one age1... on each line');
    return lines;
  });

export const signerOf = (flags: RawFlags, output: string | undefined): Signer | undefined => {
  const path = one(flags, 'sign-key');
  if (path === undefined) return undefined;
  if (output === '-')
    throw new UsageError(
      '--sign-key with --output -: the signature is a file beside the bundle',
      'name a file with -o',
    );
  return createSigner(readPrivateKeyFile('--sign-key', path, maxKeyFile), `--sign-key ${path}`);
};

const maxPrefixes = 32;
const maxPrefix = 512;

const loadOf = (flags: RawFlags): Pick<CollectOptions, 'allowLoad' | 'keyspace'> => {
  const prefixes = list(flags, 'keyspace-prefix');
  const keyspace = toggle(flags, 'keyspace') === true;
  if (prefixes.length > 0 && !keyspace) throw new UsageError('--keyspace-prefix without --keyspace', 'add --keyspace');
  if (prefixes.length > maxPrefixes || prefixes.some((prefix) => prefix === '' || prefix.length > maxPrefix)) {
    throw new UsageError('--keyspace-prefix: empty, too long or too many', `give ${maxPrefixes} of them at most`);
  }
  if (toggle(flags, 'allow-load') !== true) {
    if (keyspace)
      throw new UsageError('--keyspace adds load to a member', 'add --allow-load if that is acceptable now');
    return {};
  }
  return { allowLoad: true, ...(keyspace ? { keyspace: { prefixes } } : {}) };
};

/** Checks flags and environment and reads what they point to. Throws UsageError. No endpoints: those of local members, else 127.0.0.1:2379 (discovery decides). */
export const optionsFrom = (flags: RawFlags, env: Env): CollectOptions => {
  const user = one(flags, 'user');
  const passwordFile = one(flags, 'password-file');
  const auth = resolveAuth({
    env,
    ...(user === undefined ? {} : { user }),
    ...(passwordFile === undefined ? {} : { passwordFile }),
  });
  const endpoints = endpointsOf(flags, env);
  const logs = list(flags, 'log').map(splitOwner);
  for (const { file } of logs)
    if (!isThere(file)) throw new UsageError(`--log ${file}: does not exist`, 'check the path');
  const dataDirs = list(flags, 'data-dir');
  for (const { file } of dataDirs.map(splitOwner)) {
    if (!isThere(file)) throw new UsageError(`--data-dir ${file}: does not exist`, 'check the path');
  }
  const prometheus = prometheusFrom({
    url: one(flags, 'prometheus'),
    history: one(flags, 'history'),
    match: one(flags, 'prometheus-match'),
    tokenFile: one(flags, 'prometheus-token-file'),
    cacert: readable('--prometheus-cacert', one(flags, 'prometheus-cacert')),
  });
  const since = one(flags, 'since');
  const maxLog = one(flags, 'max-log-bytes');
  const output = one(flags, 'output');
  const label = one(flags, 'label');
  const encryptTo = recipientsOf(flags);
  const signer = signerOf(flags, output);
  return {
    endpoints,
    cluster: toggle(flags, 'cluster') ?? true,
    tls: tlsOf(flags, env),
    ...(auth === undefined ? {} : { auth }),
    metricsEndpoints: splitList(list(flags, 'metrics-endpoints')),
    ...timesOf(flags),
    logs,
    logSinceMs: since === undefined ? defaults.sinceMs : parseDuration('--since', since),
    maxLogBytes: maxLog === undefined ? defaults.maxLogBytes : parseBytes('--max-log-bytes', maxLog),
    local: toggle(flags, 'local') ?? true,
    nice: toggle(flags, 'nice') ?? true,
    dataDirs,
    ...platformOf(flags),
    ...loadOf(flags),
    ...kubernetesFrom(one(flags, 'kubeconfig'), toggle(flags, 'kubernetes'), env),
    ...(prometheus === undefined ? {} : { prometheus }),
    ...(output === undefined ? {} : { output }),
    ...(label === undefined ? {} : { label }),
    ...(encryptTo.length === 0 ? {} : { encryptTo }),
    ...(signer === undefined ? {} : { signer }),
    redact: choice(flags, 'redact', ['standard', 'secrets-only', 'none']) ?? 'standard',
    ...privacyOptions(flags),
    progress: choice(flags, 'progress', ['auto', 'plain', 'json', 'none']) ?? 'auto',
    invocationFlags: invocationOf(flags),
  };
};
