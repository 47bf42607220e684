import { resources, roots } from '../../keyspace-prefixes.js';
import { type ClusterTarget, defineProbe, type MemberTarget, type ProbeContext, ProbeError } from '../../probe.js';
import { pause } from '../../schedule.js';
import type { EndpointStatusArtifact, KeyspaceArtifact } from '../../../schemas/index.js';

/** An answer slower than this ends the counting: on a leader such reads were seen to hold up writes by half a second. */
const SLOW_MS = 1_000;
/** A store this small costs little to count even on a leader, bytes. */
const SMALL_STORE = 256n * 1024n * 1024n;
const STATUS_MS = 1_500;
const COUNT_MS = 3_000;
/** Between two reads the server rests at least this long, and as long as the last one took, ms. */
const REST_MS = 10;
const NO_LEADER = '0000000000000000';

interface Chosen {
  readonly member: MemberTarget;
  readonly status: EndpointStatusArtifact;
  readonly isLeader: boolean;
}

/** A follower in good order, the quickest; a leader only when it has no follower and little data. */
const choose = async ({ target, etcd, signal }: ProbeContext<ClusterTarget>): Promise<Chosen> => {
  const answers = await Promise.all(
    target.members
      .filter(({ endpoint }) => endpoint !== '')
      .map(async (member): Promise<Chosen | ProbeError> => {
        try {
          const status = await etcd.status(member, { signal, timeoutMs: STATUS_MS });
          return { member, status, isLeader: status.leader === status.memberId };
        } catch (error) {
          if (error instanceof ProbeError) return error;
          throw error;
        }
      }),
  );
  const found = answers.filter((answer): answer is Chosen => !(answer instanceof ProbeError));
  if (found.length === 0) throw answers[0] ?? new ProbeError('unreachable', 'target-unreachable', 'no member to ask');
  const voters = found.filter(({ status }) => status.isLearner !== true);
  if (voters.every(({ status }) => status.leader === NO_LEADER))
    throw new ProbeError('not-applicable', 'load-refused', 'nothing was counted: the cluster has no leader');
  const follower = voters
    .filter(({ isLeader, status }) => !isLeader && status.leader !== NO_LEADER && status.errors.length === 0)
    .sort((a, b) => a.status.elapsedMs - b.status.elapsedMs)[0];
  if (follower !== undefined) return follower;
  const leader = voters.find(({ isLeader }) => isLeader);
  if (leader === undefined)
    throw new ProbeError(
      'not-applicable',
      'load-refused',
      'nothing was counted: no follower without an alarm answered',
    );
  if (target.members.length > 1 || BigInt(leader.status.dbSize) > SMALL_STORE) {
    throw new ProbeError(
      'not-applicable',
      'load-refused',
      `nothing was counted: only the leader could be asked, and counting would hold up its writes (database of ${leader.status.dbSize} bytes)`,
    );
  }
  return leader;
};

type Counted = KeyspaceArtifact['prefixes'][number];

export default defineProbe({
  kind: 'keyspace',
  scope: 'cluster',
  title: 'Number of keys by prefix',
  reads:
    'counts of keys below well-known prefixes of Kubernetes and those that were named, at a follower, count-only and serializable',
  permission: 'none, or a user with read access to the whole store when authentication is on',
  impact: 'adds-load',
  cost: 'costly',
  phase: 'load',
  timeoutMs: 15_000,
  source: () => 'gRPC KV/Range (count only, serializable) at a follower',
  run: async (context) => {
    const { etcd, keyspace, monotonic, signal, timeoutMs } = context;
    if (keyspace === undefined) throw new ProbeError('skipped-by-user', 'not-asked', 'needs --allow-load --keyspace');
    const startedAt = monotonic();
    const endBy = startedAt + timeoutMs * 0.9;
    const { member, status, isLeader } = await choose(context);
    const state: { ended: KeyspaceArtifact['ended'] } = { ended: 'finished' };
    let failure: ProbeError | undefined;
    let revisions: readonly [string, string] | undefined;
    let restMs = 0;

    /** One count; undefined when the counting has ended. */
    const count = async (prefix: string | undefined): Promise<Counted | undefined> => {
      if (state.ended !== 'finished') return undefined;
      await pause(restMs, signal);
      const left = endBy - monotonic();
      if (left <= 0 || signal.aborted) {
        state.ended = 'time';
        return undefined;
      }
      try {
        const call = { signal, timeoutMs: Math.min(COUNT_MS, left) };
        const answer = await etcd.countRange(member, prefix, call);
        revisions = [revisions?.[0] ?? answer.revision, answer.revision];
        restMs = Math.max(REST_MS, answer.elapsedMs);
        if (answer.elapsedMs > SLOW_MS) state.ended = 'slow';
        return { prefix: prefix ?? '', count: answer.count, elapsedMs: Math.round(answer.elapsedMs * 1000) / 1000 };
      } catch (error) {
        if (!(error instanceof ProbeError)) throw error;
        failure = error;
        state.ended = error.state === 'timeout' ? 'slow' : 'error';
        return undefined;
      }
    };

    let root: string | undefined;
    for (const candidate of roots) {
      // A cluster has a few namespaces: the cheapest question that tells whether an API server keeps its objects here.
      const namespaces = await count(`${candidate}namespaces/`);
      if (namespaces !== undefined && namespaces.count !== '0') root = candidate;
      if (root !== undefined) break;
    }
    const known = root === undefined ? [] : resources.map((resource) => `${root}${resource}/`);
    const wanted = [...new Set([...keyspace.prefixes, ...known])];
    const counted: Counted[] = [];
    const notCounted: string[] = [];
    for (const prefix of wanted) {
      const answer = await count(prefix);
      if (answer === undefined) notCounted.push(prefix);
      else counted.push(answer);
    }
    const total = (await count(undefined))?.count;
    if (revisions === undefined && failure !== undefined) throw failure;
    // A named prefix may lie within a known one: its keys must not be taken off twice.
    const apart = counted.filter(
      ({ prefix }) => !counted.some((other) => other.prefix !== prefix && prefix.startsWith(other.prefix)),
    );
    const sum = apart.reduce((all, { count: each }) => all + BigInt(each), 0n);
    const others = total === undefined ? undefined : BigInt(total) > sum ? BigInt(total) - sum : 0n;
    const { ended } = state;
    const whole = ended === 'finished';
    const why = failure?.message ?? (ended === 'slow' ? `an answer took more than ${SLOW_MS} ms` : 'the time was up');
    return {
      state: whole ? 'ok' : 'partial',
      ...(whole
        ? {}
        : {
            reason: failure?.reason ?? (ended === 'slow' ? ('load-refused' as const) : ('item-timeout' as const)),
            message: `${notCounted.length} of ${wanted.length} prefixes not counted${total === undefined ? ', nor the whole' : ''}: ${why}`,
          }),
      source: `gRPC KV/Range (count only, serializable) ${member.endpoint}`,
      parts: [
        {
          content: {
            askedMember: status.memberId,
            isLeader,
            ...(root === undefined ? {} : { root }),
            prefixes: counted.filter(({ count: each }) => each !== '0'),
            empty: counted.filter(({ count: each }) => each === '0').length,
            ...(total === undefined ? {} : { total }),
            ...(others === undefined ? {} : { others: others.toString() }),
            ...(status.dbSizeInUse === undefined ? {} : { dbSizeInUse: status.dbSizeInUse }),
            ...(revisions === undefined ? {} : { firstRevision: revisions[0], lastRevision: revisions[1] }),
            notCounted,
            ended,
            elapsedMs: Math.round((monotonic() - startedAt) * 1000) / 1000,
          },
        },
      ],
    };
  },
});
