import { X509Certificate } from 'node:crypto';
import type { Certificate } from '../../schemas/index.js';

const EXTENDED_KEY_USAGE: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'serverAuth',
  '1.3.6.1.5.5.7.3.2': 'clientAuth',
};

const CURVE_BITS: Readonly<Record<string, number>> = {
  prime256v1: 256,
  secp256k1: 256,
  secp384r1: 384,
  secp521r1: 521,
};

const PEM_CERTIFICATE =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/** All certificates of a PEM text in file order; other blocks (keys) are not looked at. Throws on a broken certificate. */
export const parsePemChain = (pem: string): Certificate[] =>
  (pem.match(PEM_CERTIFICATE) ?? []).map((block) => describe(new X509Certificate(block)));

/** One DER certificate. Throws when it is not one. */
export const parseDer = (der: Uint8Array): Certificate => describe(new X509Certificate(der));

const describe = (certificate: X509Certificate): Certificate => {
  const names = alternativeNames(certificate.subjectAltName);
  const key = keyOf(certificate);
  return {
    subject: distinguishedName(certificate.subject),
    issuer: distinguishedName(certificate.issuer),
    serialNumber: certificate.serialNumber,
    notBefore: new Date(certificate.validFrom).toISOString(),
    notAfter: new Date(certificate.validTo).toISOString(),
    dnsNames: names.dns,
    ipAddresses: names.ip,
    ...(names.uri.length === 0 ? {} : { uris: names.uri }),
    isCA: certificate.ca,
    // Node types it as string[], but it is undefined when the extension is absent.
    extKeyUsage: ((certificate.keyUsage as string[] | undefined) ?? []).map((oid) => EXTENDED_KEY_USAGE[oid] ?? oid),
    selfSigned: isSelfSigned(certificate),
    fingerprint256: certificate.fingerprint256,
    ...key,
  };
};

const isSelfSigned = (certificate: X509Certificate): boolean => {
  try {
    return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey);
  } catch {
    return false;
  }
};

const keyOf = (certificate: X509Certificate): { keyType?: string; keyBits?: number } => {
  try {
    const { asymmetricKeyType: keyType, asymmetricKeyDetails: details } = certificate.publicKey;
    const keyBits =
      details?.modulusLength ?? (details?.namedCurve === undefined ? undefined : CURVE_BITS[details.namedCurve]);
    return { ...(keyType === undefined ? {} : { keyType }), ...(keyBits === undefined ? {} : { keyBits }) };
  } catch {
    return {};
  }
};

/** Node gives one `KEY=value` per line, most general first; RFC 2253 puts the most specific first, comma separated. */
const distinguishedName = (lines: string | undefined): string =>
  (lines ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .reverse()
    .map((line) => line.replace(/,/g, '\\,'))
    .join(',');

/** Splits `DNS:a, IP Address:1.2.3.4, URI:"x, y"`: Node quotes values with special characters as JSON. */
const alternativeNames = (text: string | undefined): { dns: string[]; ip: string[]; uri: string[] } => {
  const names: { dns: string[]; ip: string[]; uri: string[] } = { dns: [], ip: [], uri: [] };
  for (const [, kind, raw] of (text ?? '').matchAll(/(DNS|IP Address|URI):("(?:[^"\\]|\\.)*"|[^,]*)/g)) {
    const value = raw?.startsWith('"') === true ? unquote(raw) : (raw ?? '');
    if (kind === 'DNS') names.dns.push(value);
    else if (kind === 'URI') names.uri.push(value);
    else names.ip.push(value.toLowerCase());
  }
  return names;
};

const unquote = (quoted: string): string => {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
};
