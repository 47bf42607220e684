import { X509Certificate } from 'node:crypto';
import type { AccessContext } from './access.js';
import { readNamedFile } from './named-file.js';
import type { Run } from './run.js';

/** Most specific part first, as in the certificates of a bundle. */
const subjectOf = (path: string): string | undefined => {
  try {
    return new X509Certificate(readNamedFile(path, 1024 * 1024).content).subject.split('\n').reverse().join(',');
  } catch {
    return undefined;
  }
};

/** As whom a run reads, for the access map. Never throws. */
export const accessContext = ({ options, wiring }: Pick<Run, 'options' | 'wiring'>): AccessContext => {
  const uid = process.geteuid?.();
  const { place } = wiring;
  const certificate = options.tls.cert === undefined ? undefined : subjectOf(options.tls.cert);
  const remote = new Set<string>(wiring.probes.remote.map(({ kind }) => kind));
  return {
    ...(place?.platform === undefined ? {} : { platform: place.platform }),
    ...(uid === undefined ? {} : { uid }),
    ...(certificate === undefined
      ? {}
      : { certificate, certificateFrom: place?.identity?.identity === undefined ? 'given' : 'platform' }),
    ...(options.auth === undefined ? {} : { user: options.auth.user }),
    ...(place?.identity === undefined || place.identity.identity !== undefined
      ? {}
      : { withoutCertificate: place.identity.denied ?? 'no client certificate was found at its places' }),
    ...(wiring.ports.kubernetes === undefined ? {} : { kubernetes: wiring.ports.kubernetes.identity }),
    isRemote: (kind) => remote.has(kind),
  };
};
