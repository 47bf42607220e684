import type { LatencyAttempt } from '../../schemas/index.js';
import type { EtcdCall } from '../ports/etcd.js';
import type { MemberAnswer } from '../ports/http.js';
import { type MemberTarget, type ProbeContext, ProbeError, type ProbeResult } from '../probe.js';

/** Bodies of health and version answers are cut here. */
const MAX_BODY_BYTES = 64 * 1024;

/** Deadline, signal and round of an item, for one gRPC call. */
export const callOf = (context: ProbeContext<unknown>, timeoutMs = context.timeoutMs): EtcdCall => ({
  signal: context.signal,
  timeoutMs,
  ...(context.round === undefined ? {} : { round: context.round }),
});

/** What a health-like endpoint answered. */
export interface CheckAnswer {
  readonly path: string;
  readonly statusCode: number;
  readonly body: string;
  readonly checks?: { name: string; ok: boolean; reason?: string }[];
  readonly elapsedMs: number;
}

/** GET of a path that is small text. Throws ProbeError `unsupported` when the server does not serve the path. */
export const getSmall = async (context: ProbeContext<MemberTarget>, path: string): Promise<MemberAnswer> => {
  const { signal, timeoutMs, round } = context;
  const answer = await context.http.getFromMember(context.target, path, {
    signal,
    timeoutMs: timeoutMs * 0.95,
    maxBytes: MAX_BODY_BYTES,
    ...(round === undefined ? {} : { round }),
  });
  if (answer.status === 404) {
    throw new ProbeError('unsupported', 'not-supported-by-server', `GET ${answer.url}: 404`, { httpStatus: 404 });
  }
  return answer;
};

/** Health, livez and readyz differ in their path only. A failing check is an answer, not an error. */
export const getChecks = async (
  context: ProbeContext<MemberTarget>,
  path: string,
): Promise<Pick<ProbeResult<never>, 'state' | 'source' | 'httpStatus'> & { readonly content: CheckAnswer }> => {
  const answer = await getSmall(context, path);
  const body = answer.body.toString('utf8');
  const checks = verboseChecks(body);
  return {
    state: 'ok',
    source: `GET ${answer.url}`,
    httpStatus: answer.status,
    content: {
      path,
      statusCode: answer.status,
      body,
      ...(checks.length === 0 ? {} : { checks }),
      elapsedMs: answer.elapsedMs,
    },
  };
};

/** Lines such as `[+]serializable_read ok` and `[-]data_corruption failed: alarm ...`. */
export const verboseChecks = (body: string): { name: string; ok: boolean; reason?: string }[] =>
  [...body.matchAll(/^\[([+-])\]\s*(\S+)[ \t]*(.*)$/gm)].map(([, sign, name = '', rest = '']) => {
    const reason = rest.replace(/^(ok|failed)\b:?\s*/, '').trim();
    return { name, ok: sign === '+', ...(reason === '' ? {} : { reason }) };
  });

/** One timed attempt: `code` is the gRPC status or the reason. Errors that are no ProbeError pass through. */
export const attemptOf = async (
  run: () => Promise<{ readonly elapsedMs: number }>,
): Promise<{ readonly attempt: LatencyAttempt; readonly failure?: ProbeError }> => {
  const startedAt = performance.now();
  try {
    const { elapsedMs } = await run();
    return { attempt: { ms: elapsedMs, ok: true } };
  } catch (failure) {
    if (!(failure instanceof ProbeError)) throw failure;
    const code = failure.detail.grpcStatus ?? failure.reason;
    return { failure, attempt: { ms: performance.now() - startedAt, ok: false, code, error: failure.message } };
  }
};
