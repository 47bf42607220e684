import { defineProbe } from '../../probe.js';
import { callOf } from '../support.js';

export default defineProbe({
  kind: 'member-list',
  scope: 'member',
  title: 'Member list',
  reads: 'membership as this member sees it, by a local read that works without quorum',
  permission: 'none, or any user when authentication is on in releases that protect it',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  source: ({ endpoint }) => `gRPC Cluster/MemberList (serializable) ${endpoint}`,
  run: async (context) => {
    const content = await context.etcd.memberList(context.target, callOf(context));
    const source = `gRPC Cluster/MemberList (serializable) ${context.target.endpoint}`;
    return { state: content.members.length === 0 ? 'empty' : 'ok', source, grpcStatus: 'OK', parts: [{ content }] };
  },
});
