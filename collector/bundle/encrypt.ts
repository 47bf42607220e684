import { UsageError } from '../errors.js';

type Bytes = AsyncIterable<Uint8Array>;

/** Encryption of one file, and its way back while the process still holds the key of that file. */
export interface Envelope {
  readonly seal: (plain: Bytes) => Bytes;
  /** Decrypts what `seal` made, for reading it back; needs no identity of a recipient. */
  readonly open: (sealed: Bytes) => Bytes;
}

/** Makes a new envelope, with a new key, for each file. */
export type Encryption = () => Promise<Envelope>;

/** Text of a recipient as it may be repeated in an error: a secret key given by mistake must not be. */
const shown = (recipient: string): string =>
  /^age1/i.test(recipient) ? `${recipient.slice(0, 16)}${recipient.length > 16 ? '...' : ''}` : 'a recipient';

/**
 * Encryption to age recipients (`age1...`), any of whom can decrypt. Throws UsageError for text that is no recipient.
 * The library is loaded only here: a run without encryption does not pay for it.
 */
export const createEncryption = async (recipients: readonly string[]): Promise<Encryption> => {
  const { Decrypter, Encrypter } = await import('age-encryption');
  const check = new Encrypter();
  for (const recipient of recipients) {
    try {
      check.addRecipient(recipient);
    } catch {
      throw new UsageError(
        `--encrypt-to: ${shown(recipient)} is not an age recipient`,
        'give the public key that age-keygen prints: age1 and 58 more characters',
      );
    }
  }
  return async () => {
    let fileKey: Uint8Array | undefined;
    const encrypter = new Encrypter();
    for (const recipient of recipients) encrypter.addRecipient(recipient);
    // Adds no stanza: it only learns the key of this file, with which the file is read back before it gets its name.
    encrypter.addRecipient({
      wrapFileKey: (key) => {
        fileKey = key;
        return [];
      },
    });
    return {
      seal: async function* (plain) {
        yield* await encrypter.encrypt(ReadableStream.from(plain));
      },
      open: async function* (sealed) {
        const decrypter = new Decrypter();
        decrypter.addIdentity({ unwrapFileKey: () => fileKey ?? null });
        yield* await decrypter.decrypt(ReadableStream.from(sealed));
      },
    };
  };
};
