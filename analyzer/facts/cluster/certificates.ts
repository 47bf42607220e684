import type { Certificate } from '../../../schemas/index.js';
import type { CaseEndpoint, LoadedArtifact } from '../../bundle/case.js';
import { absent, defineFact, type FactContext, observed, type Source } from '../../fact.js';
import { sourceOf } from '../access.js';
import type { Certificates, CertificateSighting, CertificateValue } from '../values/index.js';

const dayMs = 86_400_000;

const timeOf = (text: string): number | null => {
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : time;
};

const days = (ms: number | null): number | null => (ms === null ? null : ms / dayMs);

const valueFrom = (certificate: Certificate, now: number, seen: readonly CertificateSighting[]): CertificateValue => {
  const notBefore = timeOf(certificate.notBefore);
  const notAfter = timeOf(certificate.notAfter);
  return {
    fingerprint: certificate.fingerprint256,
    subject: certificate.subject,
    issuer: certificate.issuer,
    notBefore,
    notAfter,
    daysLeft: days(notAfter === null ? null : notAfter - now),
    daysSinceStart: days(notBefore === null ? null : now - notBefore),
    isCA: certificate.isCA,
    selfSigned: certificate.selfSigned,
    dnsNames: certificate.dnsNames,
    ipAddresses: certificate.ipAddresses,
    extKeyUsage: certificate.extKeyUsage,
    keyType: certificate.keyType ?? null,
    keyBits: certificate.keyBits ?? null,
    seen,
  };
};

/** Whether the leaf names the dialled host, wildcards in the leftmost label included (RFC 6125). Null when a token hides a wildcard's name. */
export const namesHost = (
  leaf: Pick<Certificate, 'dnsNames' | 'ipAddresses'>,
  host: string,
  tokenised: boolean,
): boolean | null => {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (leaf.ipAddresses.some((address) => address.toLowerCase() === name)) return true;
  const labels = name.split('.');
  let hidden = false;
  for (const dns of leaf.dnsNames) {
    const pattern = dns.toLowerCase().replace(/\.$/, '');
    if (pattern === name) return true;
    if (pattern.startsWith('*.')) {
      if (labels.length > 1 && labels.slice(1).join('.') === pattern.slice(2)) return true;
      hidden ||= tokenised;
    }
  }
  return hidden ? null : false;
};

const peerFlag = /^peer-/;

/** Flags of certificate files: `peer-*` are of the peer port, the others of the client port. */
const roleOfFlag = (flag: string): CertificateSighting['role'] => (peerFlag.test(flag) ? 'peer' : 'client');

type Found = { readonly certificate: Certificate; readonly sighting: CertificateSighting; readonly at: number };

const fromHandshake = (artifact: LoadedArtifact<'tls-handshake'>, endpoint: CaseEndpoint | undefined): Found[] =>
  artifact.value.chain.map((certificate, i) => ({
    certificate,
    at: artifact.startedAt,
    sighting: {
      by: 'handshake',
      where: endpoint?.endpoint ?? artifact.targetId,
      member: endpoint?.member ?? null,
      role: endpoint?.role ?? 'unknown',
      flag: null,
      leaf: i === 0,
      path: artifact.path,
    },
  }));

const fromFiles = (artifact: LoadedArtifact<'server-certificates'>): Found[] =>
  artifact.value.files.flatMap((file) =>
    file.chain.map((certificate, i) => ({
      certificate,
      at: artifact.startedAt,
      sighting: {
        by: 'file',
        where: file.path,
        member: artifact.targetId,
        role: roleOfFlag(file.flag),
        flag: file.flag,
        leaf: i === 0 && !certificate.isCA,
        path: artifact.path,
      },
    })),
  );

const handshakeOf = (
  ctx: FactContext,
  artifact: LoadedArtifact<'tls-handshake'>,
): Certificates['handshakes'][number] => {
  const { value } = artifact;
  const endpoint = ctx.case.endpoints.find((each) => each.id === artifact.targetId);
  const leaf = value.chain[0];
  const tokenised = ctx.case.bundles.find((bundle) => bundle.id === artifact.bundleId)?.redaction === 'standard';
  return {
    endpoint: endpoint?.endpoint ?? artifact.targetId,
    member: endpoint?.member ?? null,
    role: endpoint?.role ?? 'unknown',
    serverName: value.serverName,
    ok: value.ok,
    authorized: value.authorized,
    authorizationError: value.authorizationError ?? null,
    error: value.error ?? null,
    protocol: value.protocol ?? null,
    elapsedMs: value.elapsedMs,
    nameMatches:
      leaf === undefined ? null : namesHost(leaf, value.serverName === '' ? value.host : value.serverName, tokenised),
    fingerprint: leaf?.fingerprint256 ?? null,
    path: artifact.path,
  };
};

export default defineFact({
  scope: 'cluster',
  id: 'certificates',
  title: 'Certificates seen by handshake or named by the flags, with the days they have left',
  artifacts: ['tls-handshake', 'server-certificates'],
  derive: (ctx) => {
    const handshakes = ctx.case.artifacts('tls-handshake');
    const files = ctx.case.artifacts('server-certificates');
    if (handshakes.length === 0 && files.length === 0)
      return absent(
        'tls-handshake',
        'neither a TLS handshake nor a certificate file was read (a cluster without TLS has none)',
      );
    const found = [
      ...handshakes.flatMap((artifact) =>
        fromHandshake(
          artifact,
          ctx.case.endpoints.find((each) => each.id === artifact.targetId),
        ),
      ),
      ...files.flatMap(fromFiles),
    ];
    const byFingerprint = new Map<string, Found[]>();
    for (const each of found)
      byFingerprint.set(each.certificate.fingerprint256, [
        ...(byFingerprint.get(each.certificate.fingerprint256) ?? []),
        each,
      ]);
    const certificates = [...byFingerprint.values()].flatMap((list) => {
      const last = list.at(-1);
      return last === undefined
        ? []
        : [
            valueFrom(
              last.certificate,
              last.at,
              list.map(({ sighting }) => sighting),
            ),
          ];
    });
    certificates.sort((a, b) => (a.notAfter ?? 0) - (b.notAfter ?? 0) || (a.fingerprint < b.fingerprint ? -1 : 1));
    const source: Source[] = [
      ...handshakes.map((artifact) => sourceOf(artifact)),
      ...files.map((artifact) => sourceOf(artifact)),
    ];
    return observed(
      {
        certificates,
        handshakes: handshakes.map((artifact) => handshakeOf(ctx, artifact)),
        unreadable: files.flatMap((artifact) =>
          artifact.value.files.flatMap((file) =>
            file.error === undefined ? [] : [{ member: artifact.targetId, flag: file.flag, error: file.error }],
          ),
        ),
      },
      source,
    );
  },
});
