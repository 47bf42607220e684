import { defineProbe } from '../../probe.js';
import { getChecks } from '../support.js';

export default defineProbe({
  kind: 'livez',
  scope: 'member',
  title: 'Liveness',
  reads: `etcd's liveness checks (3.4.29+, 3.5.11+)`,
  permission: 'network access; a client certificate where the listener demands one',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  source: ({ httpUrls }) => `GET ${httpUrls[0] ?? ''}/livez?verbose`,
  run: async (context) => {
    const { content, ...result } = await getChecks(context, '/livez?verbose');
    return { ...result, parts: [{ content }] };
  },
});
