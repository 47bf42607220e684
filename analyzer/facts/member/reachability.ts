import type { Case, CaseItem } from '../../bundle/case.js';
import { absent, defineFact, observed, type Source } from '../../fact.js';
import { nameOf } from '../access.js';
import type { Reachability, ReachabilityKind } from '../values/index.js';

const grpcKinds: ReadonlySet<string> = new Set([
  'endpoint-status',
  'member-list',
  'hashkv',
  'read-latency',
  'auth-state',
]);
const httpKinds: ReadonlySet<string> = new Set(['metrics', 'health', 'livez', 'readyz', 'version']);

/** Reason codes of the collector that only a server that answered can cause. */
const answers: ReadonlySet<string> = new Set([
  'auth-required',
  'permission-denied',
  'no-quorum',
  'not-supported-by-server',
  'not-for-learner',
  'http-status',
  'malformed-answer',
  'too-large',
  'schema-mismatch',
  'redaction-failed',
  'size-cap',
]);

const failureKinds: Readonly<Record<string, ReachabilityKind>> = {
  'connection-refused': 'refused',
  'connection-reset': 'refused',
  'connection-timeout': 'unreachable',
  'no-route': 'unreachable',
  'name-not-resolved': 'unreachable',
  'tls-untrusted': 'tls',
  'tls-name-mismatch': 'tls',
  'tls-expired': 'tls',
  'tls-client-certificate': 'tls',
  'tls-protocol': 'tls',
  'not-answering': 'hung',
  'stopped-answering': 'hung',
  'item-timeout': 'hung',
  'auth-failed': 'auth',
};

type Outcome = 'answered' | 'failed' | 'not-asked';

const outcomeOf = (input: Case, item: CaseItem): Outcome => {
  if (item.kind === 'read-latency') {
    const value = input.artifacts('read-latency', item.targetId).find((read) => item.paths.includes(read.path))?.value;
    // Attempts are recorded one by one: an item full of failures is still stored as read.
    if (value !== undefined)
      return [...value.serializable, ...value.linearizable].some((attempt) => attempt.ok) ? 'answered' : 'not-asked';
  }
  if (item.state === 'ok' || item.state === 'partial' || item.state === 'empty' || item.state === 'withheld')
    return 'answered';
  if (item.state === 'unsupported') return 'answered';
  const reason = item.reason ?? '';
  if (answers.has(reason)) return 'answered';
  if (Object.hasOwn(failureKinds, reason) || item.state === 'timeout') return 'failed';
  if (item.state === 'unreachable' && reason !== 'target-unreachable') return 'failed';
  return 'not-asked';
};

const dominant = (items: readonly CaseItem[]): ReachabilityKind => {
  const counts = new Map<ReachabilityKind, number>();
  for (const item of items) {
    const reason = item.reason ?? '';
    const kind = Object.hasOwn(failureKinds, reason)
      ? failureKinds[reason]
      : item.state === 'timeout'
        ? 'hung'
        : 'unknown';
    if (kind !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'unknown';
};

const reachabilityOf = (asked: readonly { item: CaseItem; outcome: Outcome }[]): Reachability => {
  const road = (kinds: ReadonlySet<string>) => {
    const own = asked.filter(({ item }) => kinds.has(item.kind));
    return { asked: own.length, answered: own.filter(({ outcome }) => outcome === 'answered').length };
  };
  const grpc = road(grpcKinds);
  const http = road(httpKinds);
  // gRPC decides: HTTP may live on a port of its own, and its listener may answer when the API does not.
  const [main, kinds] = grpc.asked > 0 ? [grpc, grpcKinds] : [http, httpKinds];
  const failed = asked.filter(({ outcome }) => outcome === 'failed').map(({ item }) => item);
  const roundsWith = (outcome: Outcome): number[] =>
    [
      ...new Set(
        asked.flatMap((each) => (each.outcome === outcome && each.item.round !== undefined ? [each.item.round] : [])),
      ),
    ].sort((a, b) => a - b);
  const answeredRounds = roundsWith('answered');
  const reasons = new Map<string, number>();
  for (const item of failed) {
    const reason = item.reason ?? item.state;
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return {
    kind:
      main.asked === 0
        ? 'not-asked'
        : main.answered === main.asked
          ? 'answering'
          : main.answered > 0
            ? 'intermittent'
            : dominant(failed.filter((item) => kinds.has(item.kind))),
    answered: asked.length === 0 ? null : grpc.answered + http.answered > 0,
    grpc,
    http,
    answeredRounds,
    failedRounds: roundsWith('failed').filter((round) => !answeredRounds.includes(round)),
    reasons: Object.fromEntries(reasons),
    failures: failed.map((item) => ({
      kind: item.kind,
      round: item.round ?? null,
      state: item.state,
      reason: item.reason ?? item.state,
      message: item.message ?? null,
    })),
  };
};

export default defineFact({
  scope: 'member',
  id: 'reachability',
  title: 'Whether and how the member answers over the network',
  artifacts: [
    'endpoint-status',
    'member-list',
    'hashkv',
    'read-latency',
    'auth-state',
    'metrics',
    'health',
    'livez',
    'readyz',
    'version',
  ],
  derive: (ctx) => {
    const items = ctx.case.items.filter(
      (item) => item.targetId === ctx.id && (grpcKinds.has(item.kind) || httpKinds.has(item.kind)),
    );
    if (items.length === 0)
      return absent('endpoint-status', `no network read of ${nameOf(ctx.case, ctx.id)} was planned`);
    const asked = items
      .map((item) => ({ item, outcome: outcomeOf(ctx.case, item) }))
      .filter(({ outcome }) => outcome !== 'not-asked');
    const source: Source[] = asked.slice(0, 8).map(({ item }) => ({
      artifact: item.kind,
      bundle: item.bundleId,
      path: item.paths[0] ?? 'manifest.json',
      pointer: item.id,
    }));
    return observed(reachabilityOf(asked), source);
  },
});
