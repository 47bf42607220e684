import { DamagedArchive, LockedBundle } from './errors.js';
import { BrokenStream } from './inflate.js';

/** First line of an age file (C2SP age.md). */
const AGE_MAGIC = 'age-encryption.org/v1\n';
const ARMOR_MAGIC = '-----BEGIN AGE ENCRYPTED FILE-----';
/** Longest magic, bytes. */
export const MAGIC_BYTES = ARMOR_MAGIC.length;

/** Largest header: some 600 recipients. The library itself would read on without end. */
const HEADER_BYTES = 64 * 1024;
/** The library decrypts in chunks of this size and loses what it still holds at an error: no more than one chunk at a time goes in. */
const SLICE_BYTES = 64 * 1024;

/** Whether a file that begins so is encrypted. Throws `LockedBundle` for the armored form. */
export const isEncrypted = (head: Buffer): boolean => {
  if (head.toString('latin1', 0, ARMOR_MAGIC.length) === ARMOR_MAGIC) {
    throw new LockedBundle(
      'is encrypted in the text form of age, which is not read here',
      'Decrypt it first: age --decrypt -i IDENTITY -o bundle.tar.gz FILE',
    );
  }
  return head.toString('latin1', 0, AGE_MAGIC.length) === AGE_MAGIC;
};

/** Holds the header to its limit and passes everything on in small slices. */
const bounded = async function* (bytes: AsyncIterable<Uint8Array>, onHeader: (text: string) => void) {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of bytes) {
    let rest: Uint8Array = chunk;
    if (head !== undefined) {
      head = Buffer.concat([head, chunk]);
      const last = head.indexOf('\n--- ');
      const end = last < 0 ? -1 : head.indexOf('\n', last + 1);
      if (end > HEADER_BYTES || (end < 0 && head.length > HEADER_BYTES))
        throw new DamagedArchive(`the age header is longer than ${HEADER_BYTES} bytes`);
      if (end < 0) continue;
      onHeader(head.toString('latin1', 0, end));
      rest = head;
      head = undefined;
    }
    for (let at = 0; at < rest.length; at += SLICE_BYTES) yield rest.subarray(at, at + SLICE_BYTES);
  }
  if (head !== undefined) throw new DamagedArchive('the file ends inside the age header: it is truncated');
};

/**
 * Decrypts an age file chunk by chunk; every chunk that comes out is authentic and in its place. Passphrases are never tried,
 * so no file can make this work hard. `identities` are `AGE-SECRET-KEY-...` lines.
 *
 * Throws `LockedBundle` when no identity fits, `DamagedArchive` when nothing can be decrypted, and from the stream
 * `BrokenStream` where the file was cut or changed, and whatever the source throws.
 */
export const decrypted = async (
  bytes: AsyncIterable<Uint8Array>,
  identities: readonly string[],
): Promise<AsyncGenerator<Uint8Array>> => {
  let header = '';
  let sourceError: unknown;
  const source = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* bounded(bytes, (text) => {
        header = text;
      });
    } catch (error) {
      sourceError = error;
      throw error;
    }
  };
  if (identities.length === 0)
    throw new LockedBundle('is encrypted', 'Name the file with your secret key: --identity FILE (an age identity).');
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  let plain: AsyncIterable<Uint8Array>;
  try {
    plain = await decrypter.decrypt(ReadableStream.from(source()));
  } catch (error) {
    if (sourceError !== undefined) throw sourceError;
    if (/^-> scrypt /m.test(header)) {
      throw new LockedBundle(
        'is encrypted with a passphrase',
        'Passphrases are not asked for here. Decrypt it first: age --decrypt -o bundle.tar.gz FILE',
      );
    }
    if (error instanceof Error && error.message.startsWith('no identity matched')) {
      throw new LockedBundle(
        'is encrypted to other recipients: none of the identities given opens it',
        'Name the file with the secret key of a recipient it was encrypted to: --identity FILE',
      );
    }
    throw new DamagedArchive('the age header is damaged or was changed');
  }
  return (async function* () {
    let any = false;
    try {
      for await (const chunk of plain) {
        if (chunk.length === 0) continue;
        any = true;
        yield chunk;
      }
    } catch {
      if (sourceError !== undefined) throw sourceError;
      const what = 'the encrypted file is cut off or was changed';
      throw any
        ? new BrokenStream(`${what}: what comes before is authentic, the rest cannot be decrypted`)
        : new DamagedArchive(`${what}: nothing in it can be decrypted`);
    }
  })();
};
