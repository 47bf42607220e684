import type { Certificates, CertificateValue, Membership } from '../../facts/values/cluster.js';

/** The members a certificate was seen at. */
export const membersOf = (certificate: CertificateValue): readonly string[] => [
  ...new Set(certificate.seen.flatMap((sighting) => sighting.member ?? [])),
];

const isCaFile = (flag: string | null): boolean => flag !== null && /trusted-ca/.test(flag);

/**
 * Certificates whose end would break connections: what members present or name as their own, and authorities without a replacement
 * that issued one of these. An old authority that stays in a bundle next to its successor is no fault.
 */
export const inUse = (certificates: Certificates): readonly CertificateValue[] => {
  const all = certificates.certificates;
  const presented = all.filter((certificate) => certificate.seen.some((sighting) => sighting.leaf));
  return all.filter((certificate) => {
    if (certificate.seen.some((sighting) => sighting.leaf)) return true;
    if (!certificate.seen.some((sighting) => sighting.by === 'handshake' || isCaFile(sighting.flag))) return true;
    const issued = presented.some((leaf) => leaf.issuer === certificate.subject);
    const replaced = all.some(
      (other) =>
        other !== certificate &&
        other.subject === certificate.subject &&
        (other.notAfter ?? 0) > (certificate.notAfter ?? 0),
    );
    return issued && !replaced;
  });
};

/** What the certificate is for, in words. */
export const purposeOf = (certificate: CertificateValue): string => {
  if (certificate.isCA || !certificate.seen.some((sighting) => sighting.leaf)) return 'authority';
  const roles = new Set(certificate.seen.map((sighting) => sighting.role));
  return roles.has('peer') && roles.has('client')
    ? 'client and peer port'
    : roles.has('peer')
      ? 'peer port'
      : 'client port';
};

export const dateOf = (time: number | null): string =>
  time === null ? 'unknown' : new Date(time).toISOString().slice(0, 16).replace('T', ' ');

/** Whether every advertised URL is plain http: then there is no certificate to look at. Undefined without a member list. */
export const isPlainText = (membership: Membership | undefined): boolean | undefined => {
  const urls = membership?.members.flatMap((member) => [...member.clientURLs, ...member.peerURLs]) ?? [];
  return urls.length === 0 ? undefined : urls.every((url) => url.startsWith('http:'));
};
