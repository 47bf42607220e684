import { join } from 'node:path';
import type { Encryption } from '../bundle/encrypt.js';
import type { Signer } from '../bundle/sign.js';
import { plainFile } from '../bundle/store.js';
import { writeBundle } from '../bundle/write.js';
import { createInspector } from '../redact/gate.js';
import { mapPathOf, writePrivateMap } from '../redact/private-map.js';
import { type KnownIdentity, redactBundle } from '../redact/redact-bundle.js';
import type { Received } from './received.js';

export interface KeepOptions {
  /** Where bundles go. */
  readonly directory: string;
  /** Where what must stay here goes. */
  readonly privateDirectory: string;
  readonly mode: 'standard' | 'secrets-only' | 'none';
  /** Key of the series, in mode `standard`. */
  readonly key?: Buffer;
  readonly words: readonly string[];
  /** Those of all hosts of the fan-out, since one may be named in what another one sent, and of the flags. */
  readonly known: readonly KnownIdentity[];
  readonly map: boolean;
  readonly encryption?: Encryption;
  readonly signer?: Signer;
}

export interface Kept {
  readonly path: string;
  readonly mapPath?: string;
}

/** What is written in place of what came, and what the tokens in it stand for. */
const contentOf = async ({ bundle, header, manifest }: Received, options: KeepOptions) => {
  const { mode, key, words, known } = options;
  if (mode !== 'standard') {
    return {
      root: bundle.root,
      files: [...bundle.files].map(([path, content]) => plainFile(path, content)),
      createdAt: new Date(header.createdAt),
      inspect: createInspector(mode, undefined),
      map: undefined,
    };
  }
  if (key === undefined) throw new Error('mode standard needs a key');
  const done = await redactBundle(bundle, { mode, key, words, known });
  const tokens = done.identities?.tokens;
  return {
    root: done.root,
    files: done.files,
    createdAt: done.createdAt,
    inspect: done.inspect,
    map:
      tokens === undefined
        ? undefined
        : {
            magic: 'etcd-evidence-map' as const,
            bundleId: manifest.bundleId,
            keyFingerprint: tokens.fingerprint,
            tokens: Object.fromEntries(tokens.originals()),
          },
  };
};

/**
 * Masks a bundle that came, and writes it as a run would write its own: temporary name, fsync, re-read, compared, searched, renamed; its
 * private map apart from it. Throws what `writeBundle` throws, and UsageError when it cannot be masked.
 */
export const keep = async (received: Received, options: KeepOptions): Promise<Kept> => {
  const { directory, privateDirectory, encryption, signer } = options;
  const { map, ...content } = await contentOf(received, options);
  const path = await writeBundle(
    { ...content, ...(encryption === undefined ? {} : { encryption }), ...(signer === undefined ? {} : { signer }) },
    { kind: 'directory', directory },
    process.stdout,
  );
  if (path === undefined) throw new Error('a directory is no stream');
  if (map === undefined || !options.map) return { path };
  const mapPath = join(privateDirectory, mapPathOf(path).slice(directory.length));
  await writePrivateMap(mapPath, map);
  return { path, mapPath };
};
