import { gzipSync } from 'node:zlib';
import {
  type Bundle,
  CHECKSUMS_PATH,
  ERROR_SUFFIX,
  HEADER_PATH,
  isArtifactKind,
  type Manifest,
  MANIFEST_PATH,
  README_PATH,
  REDACTION_REPORT_PATH,
  validate,
} from '../../schemas/index.js';
import { assemble } from '../bundle/assemble.js';
import type { OpenBundle } from '../bundle/open.js';
import { createStore, type StoredFile } from '../bundle/store.js';
import { messageOf, UsageError } from '../errors.js';
import { countStates } from '../manifest.js';
import type { ManifestItem } from '../store-item.js';
import { createInspector, type Inspect } from './gate.js';
import { createIdentities, type Identities, isGzip, unzip } from './identities/index.js';
import { createRedactor } from './index.js';
import { maskStore } from './mask-store.js';
import { redactBytes } from './text.js';

export interface RedactedBundle {
  readonly root: string;
  readonly files: readonly StoredFile[];
  readonly manifest: Manifest;
  readonly createdAt: Date;
  readonly inspect: Inspect;
  readonly identities?: Identities;
}

/** What the bundle may name without saying that it is such: a name or address of a machine, a user, an absolute path. */
export interface KnownIdentity {
  readonly kind: 'host' | 'user' | 'path';
  readonly text: string;
}

const generated = new Set([HEADER_PATH, README_PATH, MANIFEST_PATH, CHECKSUMS_PATH, REDACTION_REPORT_PATH]);

const parse = <N extends 'manifest' | 'bundle'>(name: N, path: string, { files }: OpenBundle) => {
  const content = files.get(path);
  if (content === undefined) throw new UsageError(`the bundle has no ${path}`, 'collect again, or redact another copy');
  let value: unknown;
  try {
    value = JSON.parse(content.toString('utf8'));
  } catch {
    throw new UsageError(`${path} of the bundle is no JSON`, 'collect again, or redact another copy');
  }
  const checked = validate(name, value);
  if (!checked.ok)
    throw new UsageError(
      `${path} of the bundle is not understood: ${checked.errors.slice(0, 2).join('; ')}`,
      'use the etcd-collect that wrote it, or a newer one',
    );
  return checked.value;
};

const hostOf = (url: string): string =>
  url
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/[/?#].*$/, '')
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '');

const addHost = ({ add }: Identities, host: string): void => {
  add('address', host);
  if (!/^[\d.]+$/.test(host) && !host.includes(':')) add('name', host);
};

const addTargets = (identities: Identities, { targets, vantage }: Manifest): void => {
  const { add } = identities;
  for (const { kind, id, name, endpoint, clientUrls, peerUrls } of targets) {
    if (kind === 'host') add('host', id);
    if (name !== undefined && name !== '') add('name', name);
    for (const url of [...(endpoint === undefined ? [] : [endpoint]), ...(clientUrls ?? []), ...(peerUrls ?? [])]) {
      addHost(identities, hostOf(url));
    }
  }
  add('host', vantage.host);
};

/**
 * An existing bundle in a stricter mode: same content, names and addresses as tokens of the series, hashes and reports made anew.
 * Throws UsageError when the bundle is not understood.
 */
export const redactBundle = async (
  bundle: OpenBundle,
  options: {
    readonly mode: 'standard' | 'secrets-only';
    readonly key?: Buffer;
    readonly words?: readonly string[];
    readonly known?: readonly KnownIdentity[];
  },
): Promise<RedactedBundle> => {
  const old = parse('manifest', MANIFEST_PATH, bundle);
  const header: Bundle = parse('bundle', HEADER_PATH, bundle);
  const identities =
    options.mode === 'standard' && options.key !== undefined ? createIdentities(options.key) : undefined;
  const redactor = createRedactor(options.mode, identities);
  const store = createStore();
  const items: ManifestItem[] = [];
  const known = new Set<string>();
  for (const item of old.items) {
    let redactions = 0;
    let problem: string | undefined;
    for (const path of item.paths) {
      known.add(path);
      const content = bundle.files.get(path);
      try {
        if (content === undefined) throw new Error(`${path} is not in the bundle`);
        const bytes = redactedPart(redactor, item.kind, path, content);
        redactions += bytes.count;
        await store.add(path, bytes.value);
      } catch (error) {
        problem = messageOf(error);
      }
    }
    if (problem !== undefined) for (const path of item.paths) store.remove(path);
    items.push({
      ...item,
      ...(problem === undefined
        ? {}
        : { state: 'withheld' as const, reason: 'redaction-failed', message: `withheld: ${problem}`, paths: [] }),
      ...(redactions > 0 ? { redactions: (item.redactions ?? 0) + redactions } : {}),
    });
  }
  // What somebody added by hand is masked like a text.
  const extra: ManifestItem[] = [];
  for (const [path, content] of bundle.files) {
    if (known.has(path) || generated.has(path) || path.endsWith(ERROR_SUFFIX)) continue;
    try {
      await store.add(path, withoutSecrets(content).value);
    } catch {
      // What cannot be searched stays out.
      continue;
    }
    extra.push({
      id: path,
      probe: 'extra',
      kind: 'extra',
      target: { kind: 'collection', id: 'collection' },
      state: 'ok',
      paths: [path],
      sensitivity: 'internal',
      cost: 'cheap',
    });
  }
  if (identities !== undefined) {
    addTargets(identities, old);
    identities.learnDocument('manifest', old);
    for (const { kind, text } of options.known ?? []) {
      if (kind === 'host') addHost(identities, text);
      else if (kind === 'user' || text.startsWith('/')) identities.add(kind, text);
    }
    for (const word of options.words ?? []) identities.add('word', word);
  }
  const inspect = createInspector(options.mode, identities);
  const masked = await maskStore(store, [...items, ...extra], identities, inspect);
  const kept = masked.items.filter(({ kind }) => kind !== 'extra');
  const plain = redactor.document<Manifest>({
    ...old,
    items: kept,
    completeness: { planned: kept.length, states: countStates(kept) },
  });
  const document = identities?.maskDocument('manifest', plain) ?? plain;
  const manifest: Manifest = {
    ...document,
    redaction: {
      mode: options.mode,
      ruleset: redactor.ruleset,
      ...(identities === undefined ? {} : { keyFingerprint: identities.tokens.fingerprint }),
      verified: true,
      replacements: masked.items.reduce((sum, { redactions }) => sum + (redactions ?? 0), redactor.ownReplacements()),
    },
  };
  const text = (value: string): string => identities?.maskText(redactor.text(value)) ?? redactor.text(value);
  return {
    root: text(bundle.root.replace(/_UNREDACTED$/, '')),
    files: assemble(
      manifest,
      store.files(),
      header.label === undefined ? undefined : text(header.label),
      masked.counts,
      identities?.maskText,
    ),
    manifest,
    createdAt: new Date(manifest.times.startedAt),
    inspect,
    ...(identities === undefined ? {} : { identities }),
  };
};

/** Packed contents are unpacked, searched and packed again. */
const withoutSecrets = (content: Buffer): { value: Buffer; count: number } => {
  if (!isGzip(content)) return redactBytes(content);
  const { value, count } = redactBytes(unzip(content));
  return count === 0 ? { value: content, count } : { value: gzipSync(value, { level: 1 }), count };
};

const redactedPart = (
  redactor: ReturnType<typeof createRedactor>,
  kind: string,
  path: string,
  content: Buffer,
): { value: Buffer; count: number } => {
  if (isArtifactKind(kind) && path.endsWith('.json')) {
    const { value, count } = redactor.part(kind, JSON.parse(content.toString('utf8')));
    return count === 0
      ? { value: content, count }
      : { value: Buffer.from(`${JSON.stringify(value, null, 1)}\n`), count };
  }
  return withoutSecrets(content);
};
