import { defineProbe, ProbeError } from '../../probe.js';

export default defineProbe({
  kind: 'tls-handshake',
  scope: 'endpoint',
  title: 'TLS handshake',
  reads: 'the presented certificate chain, whether it verifies, protocol and cipher',
  permission: 'network access',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  appliesTo: ({ tls, role }) =>
    role === 'advertised'
      ? { reason: 'not-asked', message: 'the member is read at another address' }
      : tls || { reason: 'not-asked', message: 'the endpoint is plain text' },
  source: ({ host, port }) => `TLS ${host}:${port}`,
  run: async ({ target, net, signal, timeoutMs }) => {
    const { host, port } = target;
    const { handshake, connect } = await net.tlsHandshake(host, port, { signal, timeoutMs: timeoutMs * 0.95 });
    if (!connect.ok) {
      const refused = connect.code === 'ECONNREFUSED';
      throw new ProbeError(
        connect.code === 'ETIMEDOUT' ? 'timeout' : 'unreachable',
        refused ? 'connection-refused' : connect.code === 'ETIMEDOUT' ? 'connection-timeout' : 'target-unreachable',
        `TLS ${host}:${port}: ${connect.error ?? 'no connection'}`,
      );
    }
    return { state: 'ok', source: `TLS ${host}:${port}`, parts: [{ content: handshake }] };
  },
});
