import { createPublicKey } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { forTerminal } from './bundle/errors.js';
import { keyIdOf, type VerifyKey } from './bundle/signature.js';
import { UsageError } from './commands/flags.js';

/** Room for hundreds of keys. */
const MAX_BYTES = 64 * 1024;

/** Text of a small file, a pipe included. Throws UsageError, never with content. */
const readSmall = (flag: string, path: string, secret: boolean): string => {
  const name = `${flag} ${forTerminal(path)}`;
  const buffer = Buffer.alloc(MAX_BYTES + 1);
  let length = 0;
  let mode = 0;
  try {
    const file = openSync(path, 'r');
    try {
      mode = fstatSync(file).mode;
      for (let read = -1; read !== 0 && length < buffer.length; length += read)
        read = readSync(file, buffer, length, buffer.length - length, null);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException | null)?.code ?? 'error';
    throw new UsageError(`${name}: cannot be read (${code}). Check the path and its mode.`);
  }
  if (length > MAX_BYTES) throw new UsageError(`${name}: longer than ${MAX_BYTES} bytes, so it is no key file.`);
  // Windows has no such bits.
  if (secret && process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new UsageError(
      `${name}: other users may read this key (mode ${(mode & 0o777).toString(8)}), so it was not used. Change it: chmod 600.`,
    );
  }
  return buffer.toString('utf8', 0, length);
};

/** Secret keys of the files of `--identity`: one `AGE-SECRET-KEY-...` on each line, `#` for comments. Throws UsageError, never with content. */
export const readIdentities = async (paths: readonly string[]): Promise<string[]> => {
  if (paths.length === 0) return [];
  const { Decrypter } = await import('age-encryption');
  return paths.flatMap((path) => {
    const lines = readSmall('--identity', path, true)
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
    if (lines.length === 0) throw new UsageError(`--identity ${forTerminal(path)}: there is no key in this file.`);
    for (const line of lines) {
      try {
        new Decrypter().addIdentity(line);
      } catch {
        throw new UsageError(
          `--identity ${forTerminal(path)}: not an age identity. Each line is a key as age-keygen writes it (AGE-SECRET-KEY-1...).`,
        );
      }
    }
    return lines;
  });
};

/** Public keys of the files of `--verify-key`, Ed25519 PEM. Throws UsageError. */
export const readVerifyKeys = (paths: readonly string[]): VerifyKey[] =>
  paths.map((path) => {
    const name = `--verify-key ${forTerminal(path)}`;
    const pem = readSmall('--verify-key', path, false);
    // Node would quietly derive the public key.
    if (/PRIVATE KEY-----/.test(pem))
      throw new UsageError(`${name}: this is a private key. Give the public one: openssl pkey -in KEY -pubout`);
    try {
      const key = createPublicKey({ key: pem, format: 'pem' });
      if (key.asymmetricKeyType !== 'ed25519')
        throw new UsageError(`${name}: a key of type ${key.asymmetricKeyType ?? 'unknown'}, not Ed25519.`);
      return { id: keyIdOf(key), key };
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new UsageError(`${name}: not a public key in PEM form.`);
    }
  });
