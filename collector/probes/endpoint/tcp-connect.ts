import type { LatencyAttempt } from '../../../schemas/index.js';
import { defineProbe, type EndpointTarget, type ProbeContext } from '../../probe.js';

const TRIES = 4;
/** A TLS server logs a bare connect, and every handshake costs it CPU: fewer, and whole. */
const TLS_TRIES = 3;
const PAUSE_MS = 20;

export default defineProbe({
  kind: 'tcp-connect',
  scope: 'endpoint',
  title: 'TCP connect',
  reads: 'time to open a TCP connection, a few times; with TLS as part of a whole handshake',
  permission: 'network access',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  source: ({ host, port }) => `TCP ${host}:${port}`,
  run: async (context) => {
    const { host, port, tls } = context.target;
    const attempts: LatencyAttempt[] = [];
    const startedAt = context.monotonic();
    while (attempts.length < (tls ? TLS_TRIES : TRIES)) {
      const left = context.timeoutMs * 0.95 - (context.monotonic() - startedAt);
      if (left < PAUSE_MS || context.signal.aborted) break;
      const attempt = await connectOnce(context, left);
      attempts.push(attempt);
      if (!attempt.ok && attempt.code === 'ETIMEDOUT') break;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return { state: 'ok', source: `TCP ${host}:${port}`, parts: [{ content: { host, port, attempts } }] };
  },
});

const connectOnce = async (context: ProbeContext<EndpointTarget>, timeoutMs: number): Promise<LatencyAttempt> => {
  const { host, port, tls } = context.target;
  const options = { signal: context.signal, timeoutMs };
  return tls
    ? (await context.net.tlsHandshake(host, port, options)).connect
    : context.net.tcpConnect(host, port, options);
};
