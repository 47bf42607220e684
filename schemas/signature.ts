/** Ending of an encrypted bundle (age v1). */
export const ENCRYPTED_SUFFIX = '.age';

/** Ending of the detached signature beside a bundle. */
export const SIGNATURE_SUFFIX = '.sig';

export const SIGNATURE_FORMAT = 'etcd-evidence/signature/v1';

/**
 * The bytes that are signed for a bundle whose SHA256SUMS file has this SHA-256 (hex). The first line keeps a signature made
 * for another purpose with the same key from passing for one of a bundle.
 */
export const signedMessage = (checksumsDigest: string): string => `${SIGNATURE_FORMAT}\n${checksumsDigest}\n`;
