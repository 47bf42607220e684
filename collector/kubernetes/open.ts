import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isAbsolute, resolve } from 'node:path';
import type { CollectOptions } from '../options.js';
import { expand } from '../platforms/expand.js';
import type { Place } from '../platforms/look.js';
import type { FilesPort } from '../ports/files.js';
import { closedKubernetes, createKubernetesPort, type KubernetesPort } from '../ports/kubernetes.js';
import type { TlsMaterial } from '../ports/tls.js';
import { ProbeError } from '../probe.js';
import { type KubeAccess, type Material, parseKubeconfig } from './kubeconfig.js';

const MAX_FILE = 1024 * 1024;
/** Reading a few small files; a dead file system must not hold up the run. */
const OPEN_MS = 2000;

/** An API server that can be asked, or why there is none in words. */
export type KubernetesDoor = { readonly port: KubernetesPort } | { readonly none: string };

interface Candidate {
  readonly paths: readonly string[];
  readonly from: KubernetesPort['from'];
}

const candidatesOf = async (
  { kubeconfig }: CollectOptions,
  place: Place | undefined,
  files: FilesPort,
  signal: AbortSignal,
): Promise<readonly Candidate[]> => {
  if (kubeconfig !== undefined) return [{ paths: kubeconfig.paths, from: kubeconfig.from }];
  if (place?.isOwnCluster !== true) return [];
  const patterns = place.platform?.profile.kubeconfigs ?? [];
  const found = await Promise.all(patterns.map((pattern) => expand(files, pattern, signal)));
  return found.flat().map(({ path }) => ({ paths: [path], from: 'platform' as const }));
};

const isMissing = (error: unknown): boolean => error instanceof ProbeError && error.reason === 'file-missing';

/** As kubectl: of several files of KUBECONFIG those that are missing are passed over. */
const textsOf = async (
  { paths }: Candidate,
  files: FilesPort,
  signal: AbortSignal,
): Promise<readonly { readonly path: string; readonly text: string }[]> => {
  const read = await Promise.all(
    paths.map(async (given) => {
      const path = isAbsolute(given) ? given : resolve(given);
      try {
        return [{ path, text: await files.readText(path, { maxBytes: MAX_FILE, signal }) }];
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    }),
  );
  return read.flat();
};

const contentOf = async (material: Material, files: FilesPort, signal: AbortSignal): Promise<Buffer> =>
  'data' in material
    ? material.data
    : Buffer.from(await files.readText(material.file, { maxBytes: MAX_FILE, signal }), 'utf8');

/** Checked here: Node would throw where the connection is made, with words that help nobody. */
const checked = (cert: Buffer, key: Buffer): string => {
  try {
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key))) throw new Error('the key is of another certificate');
    return certificate.subject.split('\n').reverse().join(',');
  } catch {
    throw new ProbeError(
      'failed',
      'kubeconfig-unusable',
      'client certificate and key of the kubeconfig are no PEM that fits together',
    );
  }
};

const portOf = async (
  access: KubeAccess,
  from: KubernetesPort['from'],
  files: FilesPort,
  signal: AbortSignal,
): Promise<KubernetesPort> => {
  const { server, ca, certificate, token, serverName, insecureSkipTlsVerify } = access;
  const cert = certificate === undefined ? undefined : await contentOf(certificate.cert, files, signal);
  const key = certificate === undefined ? undefined : await contentOf(certificate.key, files, signal);
  const subject = cert === undefined || key === undefined ? undefined : checked(cert, key);
  const bearer =
    token === undefined
      ? undefined
      : 'value' in token
        ? token.value
        : (await files.readText(token.file, { maxBytes: MAX_FILE, signal })).trim();
  if (bearer !== undefined && !/^[\x21-\x7e]+$/.test(bearer))
    throw new ProbeError('failed', 'kubeconfig-unusable', 'the token of the kubeconfig is no token');
  const material: TlsMaterial = {
    insecureSkipTlsVerify,
    ...(ca === undefined ? {} : { ca: await contentOf(ca, files, signal) }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(serverName === undefined ? {} : { serverName }),
  };
  return createKubernetesPort({
    server,
    from,
    material,
    ...(bearer === undefined ? {} : { token: bearer }),
    identity:
      subject !== undefined ? `certificate ${subject}` : bearer !== undefined ? 'token of the kubeconfig' : 'anonymous',
  });
};

/**
 * The API server that the user's kubeconfig (`--kubeconfig`, KUBECONFIG) or that of this control-plane node names. Sends nothing. A
 * kubeconfig that cannot be used becomes a port whose every call says so. Never rejects.
 */
export const openKubernetes = async (
  options: CollectOptions,
  place: Place | undefined,
  files: FilesPort,
): Promise<KubernetesDoor> => {
  const signal = AbortSignal.timeout(OPEN_MS);
  let refused: { readonly error: ProbeError; readonly from: KubernetesPort['from'] } | undefined;
  const candidates = await candidatesOf(options, place, files, signal).catch(() => []);
  for (const candidate of candidates) {
    try {
      const texts = await textsOf(candidate, files, signal);
      if (texts.length === 0) continue;
      return { port: await portOf(parseKubeconfig(texts), candidate.from, files, signal) };
    } catch (error) {
      if (candidate.from === 'platform' && isMissing(error)) continue;
      const known =
        error instanceof ProbeError
          ? error
          : new ProbeError('failed', 'kubeconfig-unusable', 'the kubeconfig could not be read in time');
      refused ??= { error: known, from: candidate.from };
    }
  }
  if (refused !== undefined) return { port: closedKubernetes(refused.error, refused.from) };
  return {
    none:
      options.kubeconfig === undefined
        ? 'no kubeconfig was named, and none of this node was found'
        : `no kubeconfig is where ${options.kubeconfig.from === 'flag' ? '--kubeconfig' : 'KUBECONFIG'} says`,
  };
};
