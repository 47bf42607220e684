import { setMaxListeners } from 'node:events';
import type { State } from '../schemas/index.js';
import { messageOf } from './errors.js';
import { explain } from './messages.js';
import type { PlannedItem, ProbeEnvironment, RawResult } from './plan.js';
import { ProbeError, type ReasonCode } from './probe.js';

/** Why the whole run was told to stop; the reason of the run's abort signal. */
export type StopReason = 'budget' | 'SIGINT' | 'SIGTERM' | 'error';

/** How one item ended, before redaction and schema check. */
export interface Outcome {
  readonly state: State;
  readonly reason?: ReasonCode;
  readonly message?: string;
  readonly startedAt?: string;
  readonly durationMs?: number;
  readonly source: string;
  readonly grpcStatus?: string;
  readonly httpStatus?: number;
  /** Access that was missing. */
  readonly permission?: string;
  readonly parts: RawResult['parts'];
  /** The error that ended it, for reachability and the run log. */
  readonly error?: unknown;
}

/** A port knows best why nothing came: its own deadline is the item's, and only later the signal takes the call away. */
const abortGraceMs = 80;
/** After the abort a probe that holds on is left behind, and its late answer ignored. */
const leaveGraceMs = 120;

/** The most an item can outlive its timeout, ms. */
export const graceMs = abortGraceMs + leaveGraceMs;

const isStopReason = (value: unknown): value is StopReason =>
  value === 'budget' || value === 'SIGINT' || value === 'SIGTERM' || value === 'error';

/** State of an item that a stopping run cut off or never started. */
const stopped = (reason: unknown, began: boolean): { state: State; reason: ReasonCode } => {
  const why: StopReason = isStopReason(reason) ? reason : 'error';
  if (why === 'budget') return { state: began ? 'timeout' : 'skipped-by-budget', reason: 'budget-exhausted' };
  if (why === 'error') return { state: 'failed', reason: 'unexpected' };
  return { state: 'skipped-by-user', reason: 'interrupted' };
};

/** The outcome of an item that was not run. */
export const notRun = (item: PlannedItem, state: State, reason: ReasonCode, message?: string): Outcome => ({
  state,
  reason,
  message: message ?? explain(reason).happened,
  source: item.source,
  parts: [],
});

/** The outcome of an item that was not started before the run was told to stop. */
export const notStarted = (item: PlannedItem, runSignal: AbortSignal): Outcome => {
  const { state, reason } = stopped(runSignal.reason, false);
  return notRun(item, state, reason);
};

const failure = (
  error: unknown,
  timedOut: boolean,
  runSignal: AbortSignal,
): Pick<Outcome, 'state' | 'reason' | 'message'> => {
  if (runSignal.aborted) {
    const { state, reason } = stopped(runSignal.reason, true);
    return { state, reason, message: explain(reason).happened };
  }
  if (error instanceof ProbeError) return { state: error.state, reason: error.reason, message: error.message };
  if (timedOut) return { state: 'timeout', reason: 'item-timeout', message: explain('item-timeout').happened };
  return { state: 'failed', reason: 'unexpected', message: messageOf(error) };
};

/**
 * Runs one probe with its deadline: the only place where errors of probes are caught. Never rejects, and ends at most
 * `graceMs` after `timeoutMs` or after the run's signal, whatever the probe does.
 */
export const runProbe = async (
  item: PlannedItem,
  timeoutMs: number,
  environment: Omit<ProbeEnvironment, 'signal' | 'timeoutMs'>,
  runSignal: AbortSignal,
): Promise<Outcome> => {
  if (runSignal.aborted) return notStarted(item, runSignal);
  const startedAt = new Date(environment.now()).toISOString();
  const begin = environment.monotonic();
  const deadline = new AbortController();
  let leave: NodeJS.Timeout | undefined;
  let timer: NodeJS.Timeout | undefined;
  const signal = AbortSignal.any([deadline.signal, runSignal]);
  // A probe may have many calls under way, each listening.
  setMaxListeners(0, signal);
  // A race hangs its result on every promise in it: this one must not outlive the item, or it would keep the answer.
  let settle: (error: Error) => void = () => undefined;
  const onAbort = (): void => {
    leave = setTimeout(() => settle(new Error('the probe did not end at its deadline')), leaveGraceMs);
  };
  const left = new Promise<never>((_, reject) => {
    settle = reject;
    timer = setTimeout(() => deadline.abort(new Error('item timeout')), timeoutMs + abortGraceMs);
    signal.addEventListener('abort', onAbort);
  });
  const measured = () => ({ startedAt, durationMs: Math.round((environment.monotonic() - begin) * 1000) / 1000 });
  try {
    const work = (async () => item.run({ ...environment, signal, timeoutMs }))();
    const result = await Promise.race([work, left]);
    const { parts, source, state, reason, message, grpcStatus, httpStatus } = result;
    return {
      ...measured(),
      state,
      source,
      parts,
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
      ...(grpcStatus === undefined ? {} : { grpcStatus }),
      ...(httpStatus === undefined ? {} : { httpStatus }),
    };
  } catch (error) {
    const detail = error instanceof ProbeError ? error.detail : {};
    return {
      ...measured(),
      ...failure(error, deadline.signal.aborted, runSignal),
      source: item.source,
      parts: [],
      ...(detail.grpcStatus === undefined ? {} : { grpcStatus: detail.grpcStatus }),
      ...(detail.httpStatus === undefined ? {} : { httpStatus: detail.httpStatus }),
      ...(detail.permission === undefined ? {} : { permission: detail.permission }),
      error,
    };
  } finally {
    clearTimeout(timer);
    clearTimeout(leave);
    signal.removeEventListener('abort', onAbort);
    settle(new Error('the item has ended'));
  }
};
