import type { KubernetesPort } from '../ports/kubernetes.js';
import { type ProbeContext, ProbeError } from '../probe.js';
import { isMap, type Json, mapsOf, textOf, timeOf } from './json.js';

const MAX_ANSWER = 8 * 1024 * 1024;
const PAGE = 500;

/** The door of a probe that is only planned where there is one. */
export const kubernetesOf = ({ kubernetes }: Pick<ProbeContext<unknown>, 'kubernetes'>): KubernetesPort => {
  if (kubernetes === undefined) throw new ProbeError('not-applicable', 'no-kubeconfig', 'no kubeconfig');
  return kubernetes;
};

export interface KubeList {
  readonly items: readonly Json[];
  /** More was there than the pages that were read. */
  readonly more: boolean;
  /** Clock of the API server, whole seconds. */
  readonly serverTime?: string;
}

/**
 * The objects of a list, in at most `pages` pages. `resourceVersion=0` lets the API server answer from its watch cache: without a read of
 * etcd, and also when etcd does not answer. Throws ProbeError.
 */
export const listObjects = async (
  context: Pick<ProbeContext<unknown>, 'kubernetes' | 'signal' | 'timeoutMs' | 'monotonic'>,
  path: string,
  query: Readonly<Record<string, string>> = {},
  { pages = 1, fromCache = true }: { readonly pages?: number; readonly fromCache?: boolean } = {},
): Promise<KubeList> => {
  const port = kubernetesOf(context);
  const endBy = context.monotonic() + context.timeoutMs * 0.95;
  const items: Json[] = [];
  let next: string | undefined;
  let serverTime: string | undefined;
  for (let page = 0; page < pages; page += 1) {
    const search = new URLSearchParams({
      ...query,
      limit: String(PAGE),
      ...(fromCache ? { resourceVersion: '0' } : {}),
      ...(next === undefined ? {} : { continue: next }),
    });
    const answer = await port.get(`${path}?${search}`, {
      signal: context.signal,
      timeoutMs: Math.max(1, endBy - context.monotonic()),
      maxBytes: MAX_ANSWER,
    });
    const shown = `GET ${port.server}${path}`;
    if (answer.truncated) throw new ProbeError('failed', 'too-large', `${shown}: more than ${MAX_ANSWER} bytes`);
    if (answer.status !== 200)
      throw new ProbeError('failed', 'http-status', `${shown}: status ${answer.status}`, { httpStatus: answer.status });
    const list = parsed(answer.body);
    if (!isMap(list) || !Array.isArray(list['items']))
      throw new ProbeError('failed', 'malformed-answer', `${shown}: no list of Kubernetes objects`);
    serverTime = timeOf(new Date(answer.headers['date'] ?? '').toJSON());
    items.push(...mapsOf(list['items']));
    next = isMap(list['metadata']) ? textOf(list['metadata']['continue'], 8192) : undefined;
    if (next === undefined) break;
  }
  return { items, more: next !== undefined, ...(serverTime === undefined ? {} : { serverTime }) };
};

const parsed = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
};
