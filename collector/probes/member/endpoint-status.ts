import { defineProbe } from '../../probe.js';
import { callOf } from '../support.js';

export default defineProbe({
  kind: 'endpoint-status',
  scope: 'member',
  title: 'Status',
  reads: 'version, leader, raft indexes, database size and alarms as the member reports them',
  permission: 'none, or any user when authentication is on in releases that protect it',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'round',
  source: ({ endpoint }) => `gRPC Maintenance/Status ${endpoint}`,
  run: async (context) => {
    const { target } = context;
    const content = await context.etcd.status(target, callOf(context));
    const source = `gRPC Maintenance/Status ${target.endpoint}`;
    if (/^[0-9a-f]{16}$/.test(target.id) && content.memberId !== target.id) {
      return {
        state: 'partial',
        reason: 'malformed-answer',
        message: `member ${content.memberId} answered at the address of ${target.id}: a load balancer or a wrong client URL`,
        source,
        parts: [{ content }],
      };
    }
    return { state: 'ok', source, grpcStatus: 'OK', parts: [{ content }] };
  },
});
