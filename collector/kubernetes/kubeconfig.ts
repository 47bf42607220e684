import { dirname, isAbsolute, join } from 'node:path';
import { parse } from 'yaml';
import { ProbeError } from '../probe.js';
import { at, isMap, type Json, mapsOf, textOf } from './json.js';

/** How one API server is asked, as a kubeconfig says; contents of files are not read yet. */
export interface KubeAccess {
  /** Base URL without a final slash. */
  readonly server: string;
  readonly ca?: Material;
  readonly certificate?: { readonly cert: Material; readonly key: Material };
  readonly token?: { readonly value: string } | { readonly file: string };
  readonly serverName?: string;
  readonly insecureSkipTlsVerify: boolean;
}

/** In the kubeconfig itself, or in a file that it names by an absolute path. */
export type Material = { readonly data: Buffer } | { readonly file: string };

const unusable = (message: string): ProbeError => new ProbeError('failed', 'kubeconfig-unusable', message);
const unsupported = (message: string): ProbeError => new ProbeError('unsupported', 'kubeconfig-unusable', message);

/** `<name>-data` in Base64, else the file `<name>`, relative to the kubeconfig. */
const materialOf = (entry: Json, name: string, directory: string): Material | undefined => {
  const data = entry[`${name}-data`];
  if (typeof data === 'string' && data !== '') return { data: Buffer.from(data, 'base64') };
  const file = entry[name];
  if (typeof file !== 'string' || file === '') return undefined;
  return { file: isAbsolute(file) ? file : join(directory, file) };
};

interface Entry {
  readonly value: Json;
  readonly directory: string;
}

/** The entry of a list by its name; the first of several files wins, as with kubectl. */
const entryNamed = (
  documents: readonly { readonly document: Json; readonly directory: string }[],
  list: 'contexts' | 'clusters' | 'users',
  field: 'context' | 'cluster' | 'user',
  name: string | undefined,
): Entry | undefined => {
  if (name === undefined) return undefined;
  for (const { document, directory } of documents) {
    const found = mapsOf(document[list]).find((each) => each['name'] === name);
    const value = found?.[field];
    if (isMap(value)) return { value, directory };
  }
  return undefined;
};

const serverOf = (cluster: Json): string => {
  let url: URL;
  try {
    url = new URL(textOf(cluster['server'], 2048) ?? '');
  } catch {
    throw unusable('the kubeconfig names no URL of an API server');
  }
  const isHere = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isHere))
    throw unsupported(`the server of the kubeconfig is not https (${url.protocol}//): it was not asked`);
  if (cluster['proxy-url'] !== undefined) throw unsupported('the kubeconfig wants a proxy (proxy-url): none is used');
  return `${url.protocol}//${url.host}${url.pathname}`.replace(/\/+$/, '');
};

const credentialsOf = ({ value: user, directory }: Entry): Pick<KubeAccess, 'certificate' | 'token'> => {
  // A program that a file names must not be run by a tool that only reads.
  for (const way of ['exec', 'auth-provider'] as const) {
    if (isMap(user[way]))
      throw unsupported(
        `the kubeconfig gets its credentials from a program (${way}), and programs are not run; give --kubeconfig a file with a token or a client certificate, such as one with the output of: kubectl create token NAME`,
      );
  }
  const cert = materialOf(user, 'client-certificate', directory);
  const key = materialOf(user, 'client-key', directory);
  const token = textOf(user['token'], 16_384);
  const tokenFile = textOf(user['tokenFile'], 4096);
  return {
    ...(cert === undefined || key === undefined ? {} : { certificate: { cert, key } }),
    ...(tokenFile !== undefined
      ? { token: { file: isAbsolute(tokenFile) ? tokenFile : join(directory, tokenFile) } }
      : token !== undefined
        ? { token: { value: token } }
        : {}),
  };
};

/**
 * The current context of one or several kubeconfigs (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/).
 * Throws ProbeError `kubeconfig-unusable`, `unsupported` for what is not done here; never quotes the file.
 */
export const parseKubeconfig = (files: readonly { readonly path: string; readonly text: string }[]): KubeAccess => {
  const documents = files.map(({ path, text }) => {
    let document: unknown;
    try {
      document = parse(text, { maxAliasCount: 20, logLevel: 'error' });
    } catch {
      throw unusable(`${path} is not valid YAML`);
    }
    if (!isMap(document)) throw unusable(`${path} is no kubeconfig`);
    return { document, directory: dirname(path) };
  });
  const current = documents
    .map(({ document }) => textOf(document['current-context']))
    .find((name) => name !== undefined);
  if (current === undefined) throw unusable('the kubeconfig has no current context');
  const context = entryNamed(documents, 'contexts', 'context', current);
  const cluster = entryNamed(documents, 'clusters', 'cluster', textOf(at(context?.value, 'cluster')));
  const user = entryNamed(documents, 'users', 'user', textOf(at(context?.value, 'user')));
  if (cluster === undefined) throw unusable('the current context of the kubeconfig names no cluster that is in it');
  const ca = materialOf(cluster.value, 'certificate-authority', cluster.directory);
  const serverName = textOf(cluster.value['tls-server-name']);
  return {
    server: serverOf(cluster.value),
    insecureSkipTlsVerify: cluster.value['insecure-skip-tls-verify'] === true,
    ...(ca === undefined ? {} : { ca }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(user === undefined ? {} : credentialsOf(user)),
  };
};
