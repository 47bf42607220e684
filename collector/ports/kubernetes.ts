import { ProbeError } from '../probe.js';
import { createGet } from './http/get.js';
import type { HttpAnswer, HttpGetOptions } from './http.js';
import { createRequestCounter, type RequestCounts } from './requests.js';
import type { TlsMaterial } from './tls.js';

/** Read-only door to one API server: GET of a few paths, nothing else. Every call is bounded; errors are ProbeErrors. */
export interface KubernetesPort {
  /** Base URL; empty when the kubeconfig could not be used. */
  readonly server: string;
  /** Whose kubeconfig it is. */
  readonly from: 'flag' | 'environment' | 'platform';
  /** As whom it is asked, for the access map. */
  readonly identity: string;
  /** Any status but a refusal (401, 403, 404) resolves. `path` may have a query. */
  readonly get: (path: string, call: KubernetesCall) => Promise<HttpAnswer>;
  readonly requests: () => RequestCounts;
  readonly close: () => void;
}

export type KubernetesCall = Omit<HttpGetOptions, 'memberId'>;

/** Nothing outside this list leaves the process: no Secret, no ConfigMap, no other namespace, no change. */
const allowed: readonly RegExp[] = [
  /^\/(?:version|metrics|livez|readyz)$/,
  /^\/api\/v1\/nodes$/,
  /^\/api\/v1\/namespaces\/(?:kube-system|openshift-etcd|openshift-kube-apiserver)\/(?:pods|events)$/,
  /^\/apis\/coordination\.k8s\.io\/v1\/namespaces\/kube-system\/leases$/,
];
/** No `watch`, which would not end. */
const allowedParameters = new Set([
  'verbose',
  'limit',
  'continue',
  'labelSelector',
  'fieldSelector',
  'resourceVersion',
]);

/** Whether a path with its query is on the list. */
export const isAllowedPath = (path: string): boolean => {
  const { pathname, searchParams, hash } = new URL(path, 'https://apiserver');
  const written = path.split('?')[0] ?? '';
  return (
    hash === '' &&
    // What the URL parser changes (`..`, `\`, `%2e`) is not what was checked.
    pathname === written &&
    allowed.some((pattern) => pattern.test(pathname)) &&
    [...searchParams.keys()].every((name) => allowedParameters.has(name))
  );
};

/** A server that was silent is asked again only after this time, ms: its items must not wait one after another. */
const SILENCE_MS = 15_000;

/** What of kubectl says the same, for people. */
const refusal = (status: number, shown: string, identity: string): ProbeError | undefined => {
  if (status === 401)
    return new ProbeError('denied', 'auth-failed', `${shown}: 401, the API server does not accept this ${identity}`, {
      httpStatus: status,
    });
  if (status === 403)
    return new ProbeError('denied', 'permission-denied', `${shown}: 403, no right to get this as ${identity}`, {
      httpStatus: status,
    });
  return status === 404
    ? new ProbeError('unsupported', 'not-supported-by-server', `${shown}: 404`, { httpStatus: status })
    : undefined;
};

export interface KubernetesPortOptions extends Pick<KubernetesPort, 'server' | 'from' | 'identity'> {
  readonly material: TlsMaterial;
  readonly token?: string;
}

/** Redirects are not followed and no proxy is used, so that credentials reach nobody but the server of the kubeconfig. */
export const createKubernetesPort = ({
  server,
  from,
  identity,
  material,
  token,
}: KubernetesPortOptions): KubernetesPort => {
  const counter = createRequestCounter();
  const { get, close } = createGet(material, counter, {
    accept: '*/*',
    'user-agent': 'etcd-collect',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  });
  let silent: { readonly error: ProbeError; readonly until: number } | undefined;
  const ask: KubernetesPort['get'] = async (path, call) => {
    const shown = `GET ${server}${path}`;
    if (!isAllowedPath(path))
      throw new ProbeError('failed', 'write-blocked', `${shown}: not on the list of reads of the API server`);
    if (silent !== undefined && performance.now() < silent.until)
      throw new ProbeError(silent.error.state, 'target-unreachable', `not asked again: ${silent.error.message}`);
    try {
      const answer = await get(`${server}${path}`, call);
      silent = undefined;
      const refused = refusal(answer.status, shown, identity);
      if (refused !== undefined) throw refused;
      return answer;
    } catch (error) {
      if (error instanceof ProbeError && (error.state === 'unreachable' || error.reason === 'connection-timeout'))
        silent = { error, until: performance.now() + SILENCE_MS };
      throw error;
    }
  };
  return { server, from, identity, get: ask, requests: counter.requests, close };
};

/** A door that stays shut: every call says why. */
export const closedKubernetes = (error: ProbeError, from: KubernetesPort['from']): KubernetesPort => ({
  server: '',
  from,
  identity: 'kubeconfig that cannot be used',
  get: () => Promise.reject(error),
  requests: () => ({}),
  close: () => undefined,
});
