import type { ArtifactKind } from '../schemas/index.js';
import { ProbeError, type ReasonCode } from './probe.js';

/** gRPC and HTTP may listen on different sockets, so each is remembered apart. */
export type Door = 'grpc' | 'http';

export interface Reachability {
  /** Remember the outcome of an item at a member. Errors that only a living server gives count as `ok`; errors that say nothing about the member change nothing. */
  readonly note: (memberId: string, outcome: 'ok' | ProbeError, door?: Door) => void;
  /** Whether an item of this run was answered there, be it by a refusal. */
  readonly hasAnswered: (memberId: string, door?: Door) => boolean;
  /** The error to record instead of asking again in the once, after and last phases; rounds keep trying. */
  readonly shouldSkip: (memberId: string, door?: Door) => ProbeError | undefined;
}

const DOWN: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'connection-refused',
  'connection-timeout',
  'connection-reset',
  'no-route',
  'name-not-resolved',
  'tls-untrusted',
  'tls-name-mismatch',
  'tls-expired',
  'tls-client-certificate',
  'tls-protocol',
  'not-answering',
  'stopped-answering',
  'target-unreachable',
]);

/** Errors only a living server gives. */
const ANSWERED: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'auth-required',
  'auth-failed',
  'permission-denied',
  'no-quorum',
  'not-supported-by-server',
  'not-for-learner',
  'http-status',
  'malformed-answer',
]);

const HTTP_KINDS: ReadonlySet<ArtifactKind> = new Set<ArtifactKind>([
  'metrics',
  'health',
  'livez',
  'readyz',
  'version',
  'clock-offset',
]);

const CHECKS: ReadonlySet<ArtifactKind> = new Set<ArtifactKind>(['health', 'livez', 'readyz']);

/**
 * What silence of a check means: these may read through the quorum, so at a member that answers other questions on the
 * same door it is the check that waits, and the member is not down.
 */
export const readSilence = (kind: ArtifactKind, error: ProbeError, answersElsewhere: boolean): ProbeError => {
  if (!CHECKS.has(kind) || error.reason !== 'not-answering' || !answersElsewhere) return error;
  const message = `${error.message}; the member answers other questions: the check may be waiting for the quorum`;
  return new ProbeError('timeout', 'item-timeout', message, error.detail);
};

/** Which door a probe of this kind uses; endpoint kinds go by the `memberId` of their target. */
export const doorOf = (kind: ArtifactKind): Door => (HTTP_KINDS.has(kind) ? 'http' : 'grpc');

/** Last outcome per member and door, so that a hung member costs one timeout and not one per item. */
export const createReachability = (): Reachability => {
  const down = new Map<string, ProbeError>();
  const alive = new Set<string>();
  return {
    note: (memberId, outcome, door = 'grpc') => {
      const key = `${door} ${memberId}`;
      // What this helper itself made must not hide the first reason.
      if (outcome !== 'ok' && outcome.reason === 'target-unreachable' && down.has(key)) return;
      if (outcome !== 'ok' && DOWN.has(outcome.reason)) down.set(key, outcome);
      else if (outcome === 'ok' || ANSWERED.has(outcome.reason)) {
        down.delete(key);
        alive.add(key);
      }
    },
    hasAnswered: (memberId, door = 'grpc') => alive.has(`${door} ${memberId}`),
    shouldSkip: (memberId, door = 'grpc') => {
      const last = down.get(`${door} ${memberId}`);
      if (last === undefined) return undefined;
      return new ProbeError(
        last.state === 'timeout' ? 'timeout' : 'unreachable',
        'target-unreachable',
        `not asked: this member did not answer just before (${last.reason}: ${last.message})`,
        last.detail,
      );
    },
  };
};
