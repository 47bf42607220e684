import {
  fileView,
  explainMissing,
  localOf,
  needsLocal,
  throughView,
  absolute,
  type FileView,
} from '../../local-files.js';
import { parsePemChain } from '../../ports/certificates.js';
import type { FilesPort } from '../../ports/files.js';
import { defineProbe, ProbeError } from '../../probe.js';
import type { ServerCertificatesArtifact } from '../../../schemas/index.js';

type CertificateFile = ServerCertificatesArtifact['files'][number];

const certificateFlags = [
  'cert-file',
  'client-cert-file',
  'trusted-ca-file',
  'peer-cert-file',
  'peer-client-cert-file',
  'peer-trusted-ca-file',
] as const;

const keyFlags = ['key-file', 'client-key-file', 'peer-key-file', 'peer-client-key-file'] as const;

/** etcd writes the certificates of --auto-tls and --peer-auto-tls below the data dir (embed.Config.ClientSelfCert, PeerSelfCert). */
const namedFiles = (
  settings: Readonly<Record<string, string>>,
  dataDir: string | undefined,
): readonly [string, string][] => {
  const named = certificateFlags.flatMap((flag): [string, string][] => {
    const path = settings[flag];
    return path ? [[flag, path]] : [];
  });
  const automatic = (
    [
      ['auto-tls', 'client'],
      ['peer-auto-tls', 'peer'],
    ] as const
  ).flatMap(([flag, part]): [string, string][] =>
    settings[flag] === 'true' && dataDir !== undefined ? [[flag, `${dataDir}/fixtures/${part}/cert.pem`]] : [],
  );
  return [...named, ...automatic];
};

const readCertificates = async (
  files: FilesPort,
  view: FileView,
  path: string,
  signal: AbortSignal,
): Promise<CertificateFile['chain']> => {
  let pem: string;
  try {
    pem = await files.readText(throughView(view, path), { signal });
  } catch (error) {
    throw explainMissing(error, view);
  }
  if (pem.includes('PRIVATE KEY')) {
    throw new ProbeError('denied', 'file-access', 'the file also holds a private key: its content is not used');
  }
  const chain = parsePemChain(pem);
  if (chain.length === 0) throw new ProbeError('failed', 'malformed-answer', 'no PEM certificate in the file');
  return chain;
};

export default defineProbe({
  kind: 'server-certificates',
  scope: 'member',
  title: 'Certificates named by the flags of the local etcd process',
  reads: 'subject, names, validity and usage of certificate files; key files are never opened',
  permission: 'read access to the certificate files',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  appliesTo: (target) => {
    const base = needsLocal(target);
    if (base !== true) return base;
    return namedFiles(target.local?.settings ?? {}, target.local?.dataDir).length === 0
      ? { reason: 'file-missing', message: 'the settings of this member name no certificate file' }
      : true;
  },
  source: ({ local }) =>
    namedFiles(local?.settings ?? {}, local?.dataDir)
      .map(([, path]) => path)
      .join(', '),
  run: async ({ target, files, signal }) => {
    const local = localOf(target);
    const view = await fileView(files, local.pid);
    const keys = new Set(keyFlags.map((flag) => local.settings[flag]).filter((path) => path));
    const found: CertificateFile[] = [];
    let refused: ProbeError | undefined;
    for (const [flag, path] of namedFiles(local.settings, local.dataDir)) {
      const place = absolute(view, path);
      try {
        if (keys.has(path))
          throw new ProbeError('denied', 'file-access', 'the file also holds a private key: it is not opened');
        found.push({ flag, path: place, chain: await readCertificates(files, view, path, signal) });
      } catch (error) {
        if (error instanceof ProbeError && error.state === 'timeout') throw error;
        refused =
          error instanceof ProbeError
            ? error
            : new ProbeError('failed', 'malformed-answer', 'a certificate in the file cannot be parsed');
        found.push({ flag, path: place, chain: [], error: refused.message });
      }
    }
    if (refused !== undefined && found.every(({ chain }) => chain.length === 0)) throw refused;
    return {
      state: refused === undefined ? 'ok' : 'partial',
      ...(refused === undefined ? {} : { reason: refused.reason, message: refused.message }),
      source: found.map(({ path }) => `${view.prefix}${path}`).join(', '),
      parts: [{ content: { files: found } }],
    };
  },
});
