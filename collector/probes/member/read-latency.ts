import type { LatencyAttempt, ReadLatencyArtifact } from '../../../schemas/index.js';
import { defineProbe, type MemberTarget, type ProbeContext, type ProbeError } from '../../probe.js';
import { attemptOf, callOf } from '../support.js';

const SERIALIZABLE_TRIES = 5;
const LINEARIZABLE_TRIES = 3;

/** Share of the item's time a connection may take. */
const CONNECT_SHARE = 0.5;
/** Share of what is left then after which no further local read is started. */
const SERIALIZABLE_SHARE = 0.3;
/** Share of what is left that a local read must leave to the reads through the quorum. */
const RESERVED_SHARE = 0.4;
/** Share of the rest after which no further read through the quorum is started: a try cut short says nothing. */
const LINEARIZABLE_SHARE = 0.5;
/** Shortest time in which silence of a read through the quorum is a sign that there is none, ms. */
const QUORUM_MS = 1_000;

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
    const end = context.monotonic() + context.timeoutMs * 0.95;
    const left = (): number => end - context.monotonic();
    const connectMs = await context.etcd.connect(context.target, callOf(context, context.timeoutMs * CONNECT_SHARE));
    const local = left();
    const serializable = await series(context, true, SERIALIZABLE_TRIES, {
      startUntil: context.monotonic() + local * SERIALIZABLE_SHARE,
      end: end - local * RESERVED_SHARE,
    });
    const quorum = left();
    const linearizable = await series(context, false, LINEARIZABLE_TRIES, {
      startUntil: context.monotonic() + quorum * LINEARIZABLE_SHARE,
      end,
    });
    const content: ReadLatencyArtifact = {
      connectMs,
      serializable: serializable.attempts,
      linearizable: linearizable.attempts,
    };
    const failure = serializable.failure ?? linearizable.failure;
    if (failure === undefined) return { state: 'ok', source, grpcStatus: 'OK', parts: [{ content }] };
    const hasty = failure.reason === 'no-quorum' && failure.state === 'timeout' && quorum < QUORUM_MS;
    return {
      state: 'partial',
      reason: hasty ? 'item-timeout' : failure.reason,
      message: `some reads failed: ${failure.message}`,
      source,
      ...(failure.detail.grpcStatus === undefined ? {} : { grpcStatus: failure.detail.grpcStatus }),
      parts: [{ content }],
    };
  },
});

interface Series {
  readonly attempts: LatencyAttempt[];
  /** What ended it early. */
  readonly failure?: ProbeError;
}

/**
 * Stops at the first failure: a second try would wait as long, or be refused the same way. Slow answers make the series
 * shorter: a read gets all the time until `end`, and none is started after `startUntil`, but for the first.
 */
const series = async (
  context: ProbeContext<MemberTarget>,
  serializable: boolean,
  tries: number,
  { startUntil, end }: { readonly startUntil: number; readonly end: number },
): Promise<Series> => {
  const attempts: LatencyAttempt[] = [];
  while (attempts.length < tries && (attempts.length === 0 || context.monotonic() < startUntil)) {
    const options = { serializable, anonymous: false };
    const call = callOf(context, Math.max(end - context.monotonic(), 1));
    const { attempt, failure } = await attemptOf(() => context.etcd.countRead(context.target, options, call));
    // A first local read that fails is not slow: the item itself is refused, silent or unreachable.
    if (failure !== undefined && serializable && attempts.length === 0) throw failure;
    attempts.push(attempt);
    if (failure !== undefined) return { attempts, failure };
  }
  return { attempts };
};
