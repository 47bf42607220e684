import { createMetricFilter } from '../../kubernetes/metric-filter.js';
import { kubernetesOf } from '../../kubernetes/lists.js';
import { defineProbe, ProbeError } from '../../probe.js';

/** Large clusters have some ten MiB of it; it is never held as a whole. */
const MAX_BYTES = 128 * 1024 * 1024;

export default defineProbe({
  kind: 'apiserver-metrics',
  scope: 'cluster',
  title: 'What the API server measures of etcd',
  reads:
    'of /metrics of the API server: latency, number and errors of its requests to etcd, number and size of objects by resource, size of the database, and how busy it is itself',
  permission: 'network access to the API server; a user with get on the non-resource URL /metrics (system:monitoring)',
  impact: 'read-only',
  cost: 'moderate',
  phase: 'round',
  rounds: 'ends',
  timeoutMs: 10_000,
  lane: 'kubernetes',
  source: () => 'GET <API server>/metrics, once in the first round and once in the last',
  run: async (context) => {
    const port = kubernetesOf(context);
    const { signal, timeoutMs, round, now } = context;
    const filter = createMetricFilter();
    const scrapedAt = new Date(now()).toISOString();
    let bytesRead = 0;
    const source = `GET ${port.server}/metrics`;
    const answer = await port.get('/metrics', {
      signal,
      timeoutMs: timeoutMs * 0.95,
      maxBytes: MAX_BYTES,
      ...(round === undefined ? {} : { round }),
      sink: (chunk) => {
        bytesRead += chunk.length;
        filter.take(chunk);
      },
    });
    const { status, truncated, elapsedMs } = answer;
    if (status !== 200)
      throw new ProbeError('failed', 'http-status', `${source}: status ${status}`, { httpStatus: status });
    const families = [...filter.finish()];
    if (families.length === 0)
      throw new ProbeError('failed', 'malformed-answer', `${source}: no metric of an API server is in the answer`);
    return {
      state: truncated ? 'partial' : 'ok',
      ...(truncated ? { reason: 'size-cap' as const, message: `${source}: cut at ${MAX_BYTES} bytes` } : {}),
      source,
      httpStatus: status,
      parts: [
        {
          content: {
            server: port.server,
            kubeconfigFrom: port.from,
            scrapedAt,
            bytesRead,
            complete: !truncated,
            families,
            elapsedMs,
          },
          bytesOriginal: bytesRead,
        },
      ],
    };
  },
});
