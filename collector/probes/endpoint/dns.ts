import { defineProbe } from '../../probe.js';

export default defineProbe({
  kind: 'dns',
  scope: 'endpoint',
  title: 'Name resolution',
  reads: 'addresses of the endpoint as this host resolves them',
  permission: 'none',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  source: ({ host }) => `resolver of this host: ${host}`,
  run: async ({ target, net, signal, timeoutMs }) => {
    const content = await net.resolve(target.host, { signal, timeoutMs: timeoutMs * 0.95 });
    return { state: 'ok', source: `resolver of this host: ${target.host}`, parts: [{ content }] };
  },
});
