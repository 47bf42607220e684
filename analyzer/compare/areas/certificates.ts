import type { Certificates, CertificateSighting, CertificateValue } from '../../facts/values/index.js';
import { type AreaResult, clusterSubject, type Comparison, memberSubject, notebook } from '../change.js';
import { labelOf, present } from '../match.js';

interface Seat {
  readonly certificate: CertificateValue;
  readonly sighting: CertificateSighting;
}

/** Leaf certificates by where they are in use; `idOf` names a member the same on both sides. */
const seatsOf = (list: Certificates, idOf: (member: string) => string): Map<string, Seat> => {
  const seats = new Map<string, Seat>();
  for (const certificate of list.certificates)
    for (const sighting of certificate.seen) {
      if (!sighting.leaf || sighting.member === null) continue;
      const key = `${sighting.by}/${sighting.flag ?? sighting.role}/${idOf(sighting.member)}`;
      const known = seats.get(key);
      // Of several in one place the newest counts.
      if (known === undefined || (known.certificate.notAfter ?? 0) < (certificate.notAfter ?? 0))
        seats.set(key, { certificate, sighting });
    }
  return seats;
};

const day = (time: number | null): string =>
  time === null ? 'an unknown day' : new Date(time).toISOString().slice(0, 10);

const names = ({ dnsNames, ipAddresses }: CertificateValue): string => [...dnsNames, ...ipAddresses].sort().join(', ');

/** Certificates that were exchanged since, and what is not the same in the new ones. */
export const certificates = (input: Comparison): AreaResult => {
  const notes = notebook();
  const [then, now] = [input.before.facts.cluster('certificates'), input.after.facts.cluster('certificates')];
  if (!then.ok && !now.ok) return notes.result();
  if (!then.ok || !now.ok) {
    notes.cannot('Certificates', then.ok ? (now.ok ? '' : now.missing.reason) : `baseline: ${then.missing.reason}`);
    return notes.result();
  }
  const pairs = present(input.pairs);
  const before = seatsOf(then.value, (id) => pairs.find((pair) => pair.before.id === id)?.after.id ?? id);
  const after = seatsOf(now.value, (id) => id);
  for (const [key, { certificate: cert, sighting }] of after) {
    const old = before.get(key)?.certificate;
    const member = input.after.case.members.find(({ id }) => id === sighting.member);
    if (old === undefined || member === undefined) {
      notes.cannot(`Certificate ${key.replace(/\/[^/]*$/, '')} of ${labelOf(member)}`, 'not seen in the baseline');
      continue;
    }
    if (old.fingerprint === cert.fingerprint) {
      notes.unchanged();
      continue;
    }
    const subject = memberSubject(member);
    const place = `${sighting.role} certificate of {who} (${sighting.by === 'file' ? sighting.flag : 'as presented'})`;
    const earlier = cert.notAfter !== null && old.notAfter !== null && cert.notAfter < old.notAfter;
    notes.change({
      id: `exchanged/${key}`,
      kind: 'changed',
      significance: earlier ? 'medium' : 'low',
      direction: earlier ? 'worse' : 'neutral',
      subject,
      title: 'Certificate exchanged',
      text: `The ${place} is another one: valid until ${day(old.notAfter)} before, until ${day(cert.notAfter)} now.`,
      before: day(old.notAfter),
      after: day(cert.notAfter),
    });
    const rows = [
      ['issuer', 'Issuer of the certificate', old.issuer, cert.issuer],
      ['usage', 'Extended key usage', [...old.extKeyUsage].sort().join(', '), [...cert.extKeyUsage].sort().join(', ')],
      [
        'key',
        'Key of the certificate',
        `${old.keyType ?? ''} ${old.keyBits ?? ''}`,
        `${cert.keyType ?? ''} ${cert.keyBits ?? ''}`,
      ],
      ['names', 'Names in the certificate', names(old), names(cert)],
    ] as const;
    for (const [id, title, from, to] of rows) {
      if ((id === 'names' || id === 'issuer') && !input.namesComparable) continue;
      notes.value(from, to, {
        id: `${id}/${key}`,
        significance: 'medium',
        direction: 'neutral',
        subject,
        title,
        text: `${title}, ${place}: ${from} before, ${to} now.`,
      });
    }
  }
  const authorities = (list: Certificates): Map<string, CertificateValue> =>
    new Map(list.certificates.filter(({ isCA }) => isCA).map((each) => [each.fingerprint, each]));
  const [cas, newCas] = [authorities(then.value), authorities(now.value)];
  for (const [fingerprint, ca] of newCas)
    if (cas.has(fingerprint)) notes.unchanged();
    else if (cas.size > 0)
      notes.change({
        id: `ca/${fingerprint}`,
        kind: 'new',
        significance: 'medium',
        direction: 'neutral',
        subject: clusterSubject,
        title: 'Certificate authority',
        text: `A certificate authority is in use that the baseline did not show: ${ca.subject}, valid until ${day(ca.notAfter)}.`,
        before: null,
        after: ca.subject,
      });
  return notes.result();
};
