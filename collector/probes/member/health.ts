import { defineProbe } from '../../probe.js';
import { getChecks } from '../support.js';

export default defineProbe({
  kind: 'health',
  scope: 'member',
  title: 'Health',
  reads: `etcd's own health verdict`,
  permission: 'network access; a client certificate where the listener demands one',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  source: ({ httpUrls }) => `GET ${httpUrls[0] ?? ''}/health`,
  run: async (context) => {
    const { content, ...result } = await getChecks(context, '/health');
    return { ...result, parts: [{ content }] };
  },
});
