import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { FilesPort } from '../ports/files.js';
import { ProbeError } from '../probe.js';
import { expand } from './expand.js';
import type { Identity } from './profile.js';

/** A client certificate that can be used from here; the key is known by its path only. */
export interface UsableIdentity extends Identity {
  readonly subject: string;
  readonly notAfter: string;
}

export interface IdentitySearch {
  readonly identity?: UsableIdentity;
  /** A CA file that can be read, for when there is no usable certificate. */
  readonly ca?: string;
  /** A certificate is here, and this user may not use it. */
  readonly denied?: string;
  /** What was wrong with candidates, in words. */
  readonly notes: readonly string[];
}

const MAX_PEM = 256 * 1024;
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

interface Rated {
  readonly identity: UsableIdentity;
  /** Lower is better: outside its validity costs more than the wrong usage. */
  readonly flaws: number;
}

/** Reads the files and checks that they fit together, because a pair that does not would end the run where the channel is made. */
const rate = async (
  files: FilesPort,
  { ca, cert, key }: Identity,
  now: number,
  signal: AbortSignal,
): Promise<Rated> => {
  const read = (path: string): Promise<string> => files.readText(path, { maxBytes: MAX_PEM, signal });
  const caPem = await read(ca);
  const certPem = await read(cert);
  const certificate = new X509Certificate(certPem);
  new X509Certificate(caPem);
  if (!certificate.checkPrivateKey(createPrivateKey(await read(key))))
    throw new Error('the key is of another certificate');
  const usage = (certificate.keyUsage as string[] | undefined) ?? [];
  const inTime = Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo);
  return {
    identity: {
      ca,
      cert,
      key,
      subject: certificate.subject.split('\n').reverse().join(','),
      notAfter: new Date(certificate.validTo).toISOString(),
    },
    flaws: (inTime ? 0 : 2) + (usage.length === 0 || usage.includes(CLIENT_AUTH) ? 0 : 1),
  };
};

/** Node's messages about broken PEM name no content, but are not for users either. */
const wrong = (error: unknown): string =>
  error instanceof ProbeError
    ? error.message
    : error instanceof Error && error.message === 'the key is of another certificate'
      ? error.message
      : 'certificate, key or CA is not a PEM file that can be used';

const spelled = async (files: FilesPort, pattern: Identity, signal: AbortSignal): Promise<Identity[]> => {
  const found = await expand(files, pattern.cert, signal);
  return found.map(({ path, star }) => ({
    ca: pattern.ca.replace('*', star ?? ''),
    cert: path,
    key: pattern.key.replace('*', star ?? ''),
  }));
};

/**
 * The best client certificate among candidates: files that exist, can be read and fit together; within its validity and good for clients
 * before all else, then in the order given. Never rejects.
 */
export const findIdentity = async (
  files: FilesPort,
  candidates: readonly Identity[],
  now: number,
  signal: AbortSignal,
): Promise<IdentitySearch> => {
  const notes: string[] = [];
  const rated: Rated[] = [];
  let denied: string | undefined;
  let ca: string | undefined;
  for (const candidate of candidates) {
    for (const each of await spelled(files, candidate, signal)) {
      try {
        rated.push(await rate(files, each, now, signal));
        if (rated.at(-1)?.flaws === 0) return { identity: (rated.at(-1) as Rated).identity, notes };
      } catch (error) {
        if (error instanceof ProbeError && error.reason === 'file-missing') continue;
        if (error instanceof ProbeError && error.state === 'denied') denied ??= error.message;
        notes.push(`${each.cert} was not used: ${wrong(error)}`);
      }
    }
    ca ??= await readableCa(files, candidate.ca, signal);
  }
  const [best] = [...rated].sort((a, b) => a.flaws - b.flaws);
  return {
    ...(best === undefined ? {} : { identity: best.identity }),
    ...(ca === undefined ? {} : { ca }),
    ...(denied === undefined ? {} : { denied }),
    notes,
  };
};

const readableCa = async (files: FilesPort, path: string, signal: AbortSignal): Promise<string | undefined> => {
  try {
    new X509Certificate(await files.readText(path, { maxBytes: MAX_PEM, signal }));
    return path;
  } catch {
    return undefined;
  }
};
