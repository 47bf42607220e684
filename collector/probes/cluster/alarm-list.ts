import { type ClusterTarget, defineProbe, type MemberTarget, type ProbeContext, ProbeError } from '../../probe.js';
import { callOf } from '../support.js';

const NO_LEADER = '0000000000000000';

/** Share of the item's time to learn who has a leader. */
const SURVEY_SHARE = 0.25;

export default defineProbe({
  kind: 'alarm-list',
  scope: 'cluster',
  title: 'Alarms',
  reads: 'active alarms; the question itself passes through raft, so it is asked once and last',
  permission: 'none, or any user when authentication is on in releases that protect it',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'last',
  source: () => 'gRPC Maintenance/Alarm (GET) at one member',
  run: async (context) => {
    const startedAt = context.monotonic();
    const order = await survey(context);
    const errors: ProbeError[] = [];
    for (const { member, memberId } of order) {
      const left = context.timeoutMs - (context.monotonic() - startedAt);
      if (left < 100) break;
      const askedAt = context.monotonic();
      try {
        const alarms = await context.etcd.alarms(member, callOf(context, left));
        const content = { askedMember: memberId, alarms: [...alarms], elapsedMs: context.monotonic() - askedAt };
        return {
          state: 'ok',
          source: `gRPC Maintenance/Alarm (GET) ${member.endpoint}`,
          grpcStatus: 'OK',
          parts: [{ content }],
        };
      } catch (error) {
        if (!(error instanceof ProbeError)) throw error;
        errors.push(error);
        // Every member would wait for the same quorum.
        if (error.reason === 'no-quorum') break;
      }
    }
    throw (
      errors.find(({ reason }) => reason === 'no-quorum') ??
      errors[0] ??
      new ProbeError('timeout', 'item-timeout', 'no time was left to ask')
    );
  },
});

/** A member and the id by which it answered: the target may be known by its address only. */
interface Candidate {
  readonly member: MemberTarget;
  readonly memberId: string;
}

/** Members worth asking, the leader first. Throws `no-quorum` when nobody knows a leader, else what the members said. */
const survey = async (context: ProbeContext<ClusterTarget>): Promise<readonly Candidate[]> => {
  const started = context.target.members.filter(({ endpoint }) => endpoint !== '');
  const call = callOf(context, context.timeoutMs * SURVEY_SHARE);
  const answers = await Promise.all(
    started.map(async (member) => {
      try {
        return { member, status: await context.etcd.status(member, call) };
      } catch (error) {
        if (!(error instanceof ProbeError)) throw error;
        return { member, error };
      }
    }),
  );
  const alive = answers.flatMap(({ member, status }) => (status === undefined ? [] : [{ member, status }]));
  if (alive.length === 0) {
    const first = answers.find(({ error }) => error !== undefined)?.error;
    throw first ?? new ProbeError('unreachable', 'target-unreachable', 'there is no member to ask');
  }
  const led = alive.filter(({ status }) => status.leader !== NO_LEADER && !status.isLearner);
  if (led.length === 0) {
    throw new ProbeError(
      'timeout',
      'no-quorum',
      'not asked: no member that answers knows a leader, so the question would wait in vain',
    );
  }
  const isLeader = ({ status }: (typeof led)[number]) => status.leader === status.memberId;
  return [...led.filter(isLeader), ...led.filter((entry) => !isLeader(entry))].map(({ member, status }) => ({
    member,
    memberId: status.memberId,
  }));
};
