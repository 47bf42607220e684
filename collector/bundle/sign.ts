import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { SIGNATURE_FORMAT, type Signature, signedMessage } from '../../schemas/index.js';
import { UsageError } from '../errors.js';

/** Signs bundles; holds the key where nothing that is logged or stored can reach it. */
export interface Signer {
  /** SHA-256 of the public key (DER, SubjectPublicKeyInfo), hex. */
  readonly keyId: string;
  /** `digest` is the SHA-256 of SHA256SUMS, hex. */
  readonly sign: (digest: string) => Signature;
}

const keyOf = (pem: string, where: string): KeyObject => {
  // Told from the text: what OpenSSL says of a missing passphrase helps nobody.
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(pem)) {
    throw new UsageError(
      `${where}: the key is protected by a passphrase, and nothing asks for one here`,
      'decrypt it into a file of mode 600 (openssl pkey -in KEY -out FILE)',
    );
  }
  try {
    return createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    throw new UsageError(
      `${where}: not a private key in PEM form`,
      'make one: openssl genpkey -algorithm ed25519 -out FILE',
    );
  }
};

/** A signer from an Ed25519 private key (PKCS#8 PEM). `where` names the flag and file in errors. Throws UsageError, never with content. */
export const createSigner = (pem: string, where: string): Signer => {
  const key = keyOf(pem, where);
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new UsageError(
      `${where}: a key of type ${key.asymmetricKeyType ?? 'unknown'}, not Ed25519`,
      'make one: openssl genpkey -algorithm ed25519 -out FILE',
    );
  }
  const keyId = createHash('sha256')
    .update(createPublicKey(key).export({ type: 'spki', format: 'der' }))
    .digest('hex');
  return {
    keyId,
    sign: (digest) => ({
      format: SIGNATURE_FORMAT,
      algorithm: 'ed25519',
      keyId,
      digest,
      signature: sign(null, Buffer.from(signedMessage(digest), 'utf8'), key).toString('base64'),
    }),
  };
};
