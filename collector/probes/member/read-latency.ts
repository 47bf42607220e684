import type { LatencyAttempt, ReadLatencyArtifact } from '../../../schemas/index.js';
import { defineProbe, type MemberTarget, type ProbeContext } from '../../probe.js';
import { attemptOf, callOf } from '../support.js';

const SERIALIZABLE_TRIES = 5;
const LINEARIZABLE_TRIES = 3;

/** Share of the item's time for connecting, for local reads and for reads through the quorum. */
const CONNECT_SHARE = 0.3;
const SERIALIZABLE_SHARE = 0.25;

export default defineProbe({
  kind: 'read-latency',
  scope: 'member',
  title: 'Read latency',
  reads: 'the time of a few reads that count one absent key, local and through the quorum; no key or value comes back',
  permission: 'a grant to read when authentication is on',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  source: ({ endpoint }) => `gRPC KV/Range (count only) ${endpoint}`,
  run: async (context) => {
    const source = `gRPC KV/Range (count only) ${context.target.endpoint}`;
    const startedAt = context.monotonic();
    const connectMs = await context.etcd.connect(context.target, callOf(context, context.timeoutMs * CONNECT_SHARE));
    const serializable = await series(context, true, SERIALIZABLE_TRIES, context.timeoutMs * SERIALIZABLE_SHARE);
    const left = context.timeoutMs - (context.monotonic() - startedAt);
    const linearizable = await series(context, false, LINEARIZABLE_TRIES, left * 0.95);
    const content: ReadLatencyArtifact = { connectMs, serializable, linearizable };
    const all = [...serializable, ...linearizable];
    const bad = all.find(({ ok }) => !ok);
    if (bad === undefined) return { state: 'ok', source, grpcStatus: 'OK', parts: [{ content }] };
    return {
      state: 'partial',
      reason:
        linearizable.some(({ ok }) => !ok) && serializable.every(({ ok }) => ok)
          ? linearizableReason(linearizable)
          : 'unexpected',
      message: `some reads failed: ${bad.error ?? bad.code ?? 'unknown'}`,
      source,
      ...(bad.code === undefined ? {} : { grpcStatus: bad.code }),
      parts: [{ content }],
    };
  },
});

/** Stops at the first failure: a second try would wait as long, or be refused the same way. */
const series = async (
  context: ProbeContext<MemberTarget>,
  serializable: boolean,
  tries: number,
  shareMs: number,
): Promise<LatencyAttempt[]> => {
  const attempts: LatencyAttempt[] = [];
  const startedAt = context.monotonic();
  while (attempts.length < tries) {
    const left = shareMs - (context.monotonic() - startedAt);
    if (left <= 0) break;
    const options = { serializable, anonymous: false };
    const { attempt, failure } = await attemptOf(() =>
      context.etcd.countRead(context.target, options, callOf(context, left)),
    );
    // A first local read that fails is not slow: the item itself is refused, silent or unreachable.
    if (failure !== undefined && serializable && attempts.length === 0) throw failure;
    attempts.push(attempt);
    if (!attempt.ok) break;
  }
  return attempts;
};

const linearizableReason = (attempts: readonly LatencyAttempt[]) =>
  attempts.some(({ error }) => error?.includes('learner') === true) ? 'not-for-learner' : 'no-quorum';
