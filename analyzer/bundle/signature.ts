import { createHash, type KeyObject, verify } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import {
  CHECKSUMS_PATH,
  ENCRYPTED_SUFFIX,
  SIGNATURE_SUFFIX,
  type Signature,
  signedMessage,
  validate,
} from '../../schemas/index.js';
import { UntrustedBundle } from './errors.js';
import { checksumsOf } from './checksums.js';
import type { TakenFile } from './intake.js';
import { parseJson } from './json.js';
import type { SignatureState } from './loaded.js';

/** A public key that bundles are checked with. */
export interface VerifyKey {
  /** SHA-256 of the public key (DER, SubjectPublicKeyInfo), hex. */
  readonly id: string;
  readonly key: KeyObject;
}

/** Several times a signature file. */
const MAX_BYTES = 4096;

/** Where the signature of a bundle may lie: beside it, and beside the file it was decrypted from or unpacked from. */
const candidates = (path: string): string[] => {
  const name = path.replace(/\/+$/, '');
  const files = name.endsWith(ENCRYPTED_SUFFIX)
    ? [name, name.slice(0, -ENCRYPTED_SUFFIX.length)]
    : [name, `${name}${ENCRYPTED_SUFFIX}`, `${name}.tar.gz`, `${name}.tar.gz${ENCRYPTED_SUFFIX}`];
  return files.map((file) => `${file}${SIGNATURE_SUFFIX}`);
};

const readFirst = async (paths: readonly string[]): Promise<Buffer | undefined> => {
  for (const path of paths) {
    // Without waiting for the writer of a pipe; a directory or device of that name is no signature.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
    if (handle === undefined) continue;
    try {
      if (!(await handle.stat()).isFile()) continue;
      const buffer = Buffer.alloc(MAX_BYTES + 1);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      return buffer.subarray(0, bytesRead);
    } catch {
      return Buffer.alloc(0);
    } finally {
      await handle.close();
    }
  }
  return undefined;
};

/** A signature found beside a bundle; `undefined` content when the file is not one. */
export interface FoundSignature {
  readonly content: Signature | undefined;
}

/** Looks for the signature of a bundle by path. Never throws: a file that cannot be used is found without content. */
export const findSignature = async (path: string): Promise<FoundSignature | undefined> => {
  const bytes = await readFirst(candidates(path));
  if (bytes === undefined) return undefined;
  const parsed = bytes.length > MAX_BYTES ? undefined : parseJson(bytes);
  const checked = parsed?.ok === true ? validate('signature', parsed.value) : undefined;
  return { content: checked?.ok === true ? checked.value : undefined };
};

/** Why the content is not exactly what SHA256SUMS says; `undefined` when it is. */
const contentFlaw = (files: ReadonlyMap<string, TakenFile>): string | undefined => {
  const sums = checksumsOf(files.get(CHECKSUMS_PATH));
  if (sums === undefined) return `${CHECKSUMS_PATH}, which the signature is about, is missing or cut off`;
  for (const [path, hash] of sums) {
    const file = files.get(path);
    if (file === undefined) return `${path} is missing`;
    if (!file.whole || file.sha256 !== hash) return `${path} is not what was signed`;
  }
  for (const path of files.keys()) {
    if (path !== CHECKSUMS_PATH && !sums.has(path)) return `${path} was not signed`;
  }
  return undefined;
};

const isSignedBy = (signature: Signature, key: KeyObject): boolean => {
  try {
    const message = Buffer.from(signedMessage(signature.digest), 'utf8');
    return verify(null, message, key, Buffer.from(signature.signature, 'base64'));
  } catch {
    return false;
  }
};

/**
 * What can be said about the signature of a bundle. With keys, only a bundle that one of them signed, every file of it, passes:
 * everything else throws `UntrustedBundle`, a missing signature too, since removing one is easy.
 */
export const signatureState = (
  found: FoundSignature | undefined,
  files: ReadonlyMap<string, TakenFile>,
  keys: readonly VerifyKey[],
): SignatureState => {
  const content = found?.content;
  if (keys.length === 0) {
    if (found === undefined) return { state: 'absent' };
    return content === undefined ? { state: 'not-checked' } : { state: 'not-checked', keyId: content.keyId };
  }
  if (found === undefined) throw new UntrustedBundle('there is no signature beside it');
  if (content === undefined) throw new UntrustedBundle('the signature beside it is not in the expected form');
  const key = keys.find(({ id }) => id === content.keyId);
  if (key === undefined) throw new UntrustedBundle(`it is signed with another key, ${content.keyId.slice(0, 16)}...`);
  if (!isSignedBy(content, key.key)) throw new UntrustedBundle('the signature is wrong');
  const digest = files.get(CHECKSUMS_PATH)?.sha256;
  const flaw = contentFlaw(files);
  if (flaw !== undefined) throw new UntrustedBundle(`the content was changed after it was signed: ${flaw}`);
  if (digest !== content.digest) throw new UntrustedBundle('the signature is that of another bundle');
  return { state: 'verified', keyId: key.id };
};

/** Key id of a public key. */
export const keyIdOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
