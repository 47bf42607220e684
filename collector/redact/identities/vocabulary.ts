import { artifactKinds, catalog, ERROR_SUFFIX, pathOf } from '../../../schemas/index.js';
import { bundleWords } from './words.js';

/** Fields and values of bundle.json, manifest.json and the redaction report, beside the words that are never masked. */
const documentWords = `
  adds-load auth auto avg10 avg300 avg60 barrierAt budget budgetMs bundleId bytesOriginal bytesStored cheap clientUrls cluster code
  collection collector completeness container cost costly cpuMs createdAt denied description detectedBy discoveredBy dnsNames durationMs
  elapsedMs empty endReason endpoint error etcd-evidence evidence extKeyUsage failed files fingerprint256 finished finishedAt flag flags
  file form format grpcStatus host httpStatus id impact imported internal invocation ipAddresses isCA isLearner issuer itemTimeoutMs items kernel keyBits
  keyFingerprint keyType kind label left limits magic major maxBytes maxRssBytes mediaType member member-list message minReader minor mode
  moderate ms name no-space none not-applicable notAfter notes notBefore ok parents partial path paths peerUrls permission planned platform
  privileged probe process profile public reachable read-only reads reason redaction redactions replacements requests round rounds rules
  ruleset runtime schemaId secrets-only seed selfSigned sensitive sensitivity serialNumber series sha256 signal skewMs skipped-by-budget
  skipped-by-user skippedBytes source sources standard startedAt state states subject synchronisation target targets timeout timeoutMs times
  timezone tls totalUs truncation uid unreachable unsupported uris used vantage verified version windowMs withheld
`
  .trim()
  .split(/\s+/);

const placeholderId = '0';

/** Everything that readers look for by its spelling: documents, kinds, reasons and paths. */
const vocabulary: readonly string[] = [
  ...bundleWords,
  ...documentWords,
  ...artifactKinds.map((kind) => pathOf(kind, { kind: catalog[kind].scope, id: placeholderId })),
  ...['bundle.json', 'manifest.json', 'README.txt', 'SHA256SUMS', 'redaction/report.json', ERROR_SUFFIX],
].map((word) => word.toLowerCase());

/** Whether a literal of the user, looked for as such literals are, would be found in the bundle's own words. */
export const isBundleWord = (text: string): boolean => {
  const lower = text.trim().toLowerCase();
  // As short literals are found only as whole words, so here.
  const asWord = lower.length < 4 || /^[0-9a-f]{1,7}$/.test(lower);
  return vocabulary.some((word) =>
    asWord ? word.split(/[^a-z0-9]+/).includes(lower) || word === lower : word.includes(lower),
  );
};
