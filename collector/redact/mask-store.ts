import { hostname, networkInterfaces } from 'node:os';
import { catalog, isArtifactKind, type SchemaName, validate } from '../../schemas/index.js';
import type { Store, StoredFile } from '../bundle/store.js';
import { messageOf } from '../errors.js';
import { largeBytes, releaseMemory } from '../memory.js';
import type { CollectOptions } from '../options.js';
import type { EndpointTarget, MemberTarget } from '../probe.js';
import type { ManifestItem } from '../store-item.js';
import { describeLeftovers, type Inspect } from './gate.js';
import type { Identities } from './identities/index.js';

/** Rules and counts by path, for the redaction report. */
export type FileCounts = ReadonlyMap<string, Readonly<Record<string, number>>>;

const hostOf = (url: string): string =>
  url
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/[/?#].*$/, '')
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '');

/** What the run knows of identities before it looks into what it read: itself, its flags, the members. */
export const addKnownIdentities = (
  identities: Identities,
  options: CollectOptions,
  members: readonly MemberTarget[],
  endpoints: readonly EndpointTarget[],
  hostTokens: readonly string[],
): void => {
  const { add } = identities;
  const place = (host: string): void => {
    add('address', host);
    if (!/^[\d.]+$/.test(host) && !host.includes(':')) add('name', host);
  };
  place(hostname());
  for (const entries of Object.values(networkInterfaces())) {
    for (const { address } of entries ?? []) add('address', address.replace(/%.*$/, ''));
  }
  for (const endpoint of [...options.endpoints, ...options.metricsEndpoints]) place(hostOf(endpoint));
  if (options.tls.serverName !== undefined) place(options.tls.serverName);
  if (options.auth !== undefined) add('user', options.auth.user);
  for (const path of [
    options.tls.cacert,
    options.tls.cert,
    options.tls.key,
    ...options.logs.map(({ file }) => file),
    ...options.dataDirs,
    ...(options.kubeconfig?.paths ?? []),
  ]) {
    if (path?.startsWith('/') === true) add('path', path);
  }
  for (const word of options.redactWords ?? []) add('word', word);
  if (options.prometheus !== undefined) place(hostOf(options.prometheus.url));
  identities.learnDocument('manifest', { invocation: { flags: options.invocationFlags } });
  for (const { name, endpoint, clientUrls, peerUrls, local } of members) {
    if (name !== undefined) add('name', name);
    for (const url of [endpoint, ...clientUrls, ...peerUrls]) place(hostOf(url));
    for (const path of [local?.dataDir, local?.walDir]) if (path?.startsWith('/') === true) add('path', path);
    identities.learnDocument('server-config', { flags: local?.settings ?? {} });
  }
  for (const { host } of endpoints) place(host);
  for (const token of hostTokens) add('host', token);
};

const withheld = (item: ManifestItem, message: string): ManifestItem => {
  const { schemaId: _s, bytesStored: _b, sha256: _h, truncation: _t, redactions: _r, ...rest } = item;
  return { ...rest, state: 'withheld', reason: 'redaction-failed', message: `withheld: ${message}`, paths: [] };
};

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/**
 * Replaces identities in everything that is stored, and looks at the result as the gate will: an item of which something is left, or
 * that cannot be searched, is withheld. Returns the items as they now are.
 */
export const maskStore = async (
  store: Store,
  items: readonly ManifestItem[],
  identities: Identities | undefined,
  inspect: Inspect,
): Promise<{ readonly items: ManifestItem[]; readonly counts: FileCounts }> => {
  const files = new Map<string, StoredFile>(store.files().map((file) => [file.path, file]));
  const broken = new Map<string, string>();
  const kinds = new Map(items.flatMap(({ kind, paths }) => paths.map((path) => [path, kind] as const)));
  if (identities !== undefined) {
    for (const [path, file] of files) {
      try {
        identities.learnFile(kinds.get(path) ?? '', path, await file.read());
      } catch (error) {
        broken.set(path, messageOf(error));
      }
      if (file.bytes >= largeBytes) releaseMemory();
    }
    identities.learnDocument('manifest', items);
  }
  const counts = new Map<string, Readonly<Record<string, number>>>();
  const maskOne = async (
    item: ManifestItem,
    path: string,
  ): Promise<{ path: string; sha256: string; bytes: number; redactions: number }> => {
    const file = files.get(path);
    if (file === undefined) throw new Error('the file is gone');
    const problem = broken.get(path);
    if (problem !== undefined) throw new Error(problem);
    const before = await file.read();
    const masked = identities?.maskFile(item.kind, path, before) ?? { bytes: before, counts: {} };
    const left = inspect(masked.bytes);
    if (total(left) > 0) throw new Error(`the search found something left: ${describeLeftovers(left)}`);
    if (masked.bytes !== before && isArtifactKind(item.kind) && catalog[item.kind].mediaType === 'application/json') {
      const checked = validate(item.kind as SchemaName, JSON.parse(masked.bytes.toString('utf8')));
      if (!checked.ok) throw new Error(`it does not fit its schema any more: ${checked.errors.slice(0, 2).join('; ')}`);
    }
    const to = identities?.maskText(path) ?? path;
    const redactions = total(masked.counts);
    if (redactions > 0) counts.set(to, masked.counts);
    if (to === path && masked.bytes === before) return { path, sha256: file.sha256, bytes: file.bytes, redactions };
    store.remove(path);
    const stored = await store.add(to, masked.bytes);
    return { path: to, sha256: stored.sha256, bytes: stored.bytes, redactions };
  };
  const result: ManifestItem[] = [];
  for (const item of items) {
    if (item.paths.length === 0) {
      result.push(item);
      continue;
    }
    const done: Awaited<ReturnType<typeof maskOne>>[] = [];
    try {
      for (const path of item.paths) {
        done.push(await maskOne(item, path));
        if ((files.get(path)?.bytes ?? 0) >= largeBytes) releaseMemory();
      }
      const redactions = (item.redactions ?? 0) + done.reduce((sum, each) => sum + each.redactions, 0);
      result.push({
        ...item,
        paths: done.map(({ path }) => path),
        sha256: Object.fromEntries(done.map(({ path, sha256 }) => [path, sha256])),
        bytesStored: done.reduce((sum, { bytes }) => sum + bytes, 0),
        ...(redactions > 0 ? { redactions } : {}),
      });
    } catch (error) {
      for (const path of [...item.paths, ...done.map(({ path: stored }) => stored)]) store.remove(path);
      result.push(withheld(item, messageOf(error)));
    }
  }
  return { items: result, counts };
};
