import type { Report } from '../../schemas/index.js';
import { instant, words } from './format.js';
import type { BundleView } from './view-model.js';

const modes: Record<string, string> = {
  standard: 'identities masked',
  'secrets-only': 'only secrets removed',
  none: 'not redacted',
};

/** A redaction mode in words. */
export const redactionWords = (mode: string): string => (Object.hasOwn(modes, mode) ? (modes[mode] ?? mode) : mode);

/** What is known about a signature, in words; empty when nothing can be (a stream). */
export const signatureWords = (signature: Report['provenance']['bundles'][number]['signature']): string => {
  if (signature === undefined) return '';
  if (signature.state === 'absent') return 'not signed';
  if (signature.state === 'verified') return `signature verified, key ${signature.keyId ?? ''}`;
  return signature.keyId === undefined
    ? 'signature not checked'
    : `signature not checked; it claims key ${signature.keyId}`;
};

export const bundleView = (bundle: Report['provenance']['bundles'][number]): BundleView => ({
  id: bundle.bundleId,
  file: bundle.file,
  createdAt: instant(bundle.createdAt),
  collector: bundle.collector,
  redaction: redactionWords(bundle.redaction),
  endReason: words(bundle.endReason),
  intact: bundle.intact,
  vantage: bundle.vantage ?? '',
  signature: signatureWords(bundle.signature),
  encrypted: bundle.encrypted === true,
  problems: bundle.problems,
});

/** For whoever has to find the machine behind a token at once. */
export const tokensLine = (used: readonly string[]): string =>
  used.includes('standard')
    ? 'Names such as name-… and host-… are tokens. Where the bundle was made, beside it, lies its .map.json: etcd-collect reveal <this report> --map <file> puts the real names back.'
    : '';

/** What the reader must know before passing the report on. */
export const redactionLine = (used: readonly string[]): string => {
  if (used.length === 0) return 'No bundle, nothing to redact.';
  if (used.every((mode) => mode === 'standard')) {
    return 'Names, addresses and the like were replaced by stable tokens before they entered the bundle: the same token is the same thing throughout.';
  }
  if (used.includes('none'))
    return 'Nothing was masked: host names, addresses and paths are the real ones. Think before you pass this report on.';
  return 'Secrets were removed, but host names, addresses and paths are the real ones. Think before you pass this report on.';
};
