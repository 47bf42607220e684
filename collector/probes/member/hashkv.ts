import type { HashkvArtifact } from '../../../schemas/index.js';
import { defineProbe, type MemberTarget, type ProbeContext, ProbeError } from '../../probe.js';
import { callOf } from '../support.js';

type Sample = HashkvArtifact['samples'][number];

/** HashKV takes 0 for the revision the member has. */
const LATEST = '0';

export default defineProbe({
  kind: 'hashkv',
  scope: 'member',
  title: 'Key-value hash',
  reads: 'a checksum of the key-value store up to a revision all members have; no keys, no values',
  permission: 'root role when authentication is on',
  impact: 'read-only',
  cost: 'moderate',
  phase: 'once',
  source: ({ endpoint }) => `gRPC Maintenance/HashKV ${endpoint}`,
  run: async (context) => {
    const { target } = context;
    const source = `gRPC Maintenance/HashKV ${target.endpoint}`;
    const revision =
      context.shared.commonRevision ?? (await context.etcd.status(target, callOf(context))).revision ?? LATEST;
    const first = await sample(context, revision).catch((error: unknown) => {
      // etcd answers OUT_OF_RANGE both for a compacted revision and for one this member does not have yet.
      if (error instanceof ProbeError && error.detail.grpcStatus === 'OUT_OF_RANGE') return error;
      throw error;
    });
    if (!(first instanceof ProbeError)) return { state: 'ok', source, grpcStatus: 'OK', parts: [{ content: first }] };
    const { revision: own } = await context.etcd.status(target, callOf(context));
    const second = await sample(context, own ?? LATEST);
    return {
      state: 'partial',
      reason: 'unexpected',
      message: `revision ${revision} could not be hashed (${first.message}); revision ${own} was hashed instead`,
      source,
      grpcStatus: 'OK',
      parts: [{ content: second }],
    };
  },
});

const sample = async (context: ProbeContext<MemberTarget>, requestedRevision: string): Promise<HashkvArtifact> => {
  const at = new Date(context.now()).toISOString();
  const answer = await context.etcd.hashKV(context.target, requestedRevision, callOf(context));
  const { memberId, ...hash } = answer;
  const found: Sample = { requestedRevision, ...hash, at };
  return { memberId, samples: [found] };
};
