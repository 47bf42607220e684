import type { Report, ReportPercentile } from '../../schemas/index.js';
import type { CaseMember } from '../bundle/case.js';
import type { Facts } from '../fact.js';
import type { Latency } from '../facts/values/common.js';
import type { ReachabilityKind } from '../facts/values/member.js';
import { severityRank, type Severity } from '../finding.js';

type Member = Report['members'][number];
type FindingLike = Pick<Report['diagnosis']['causes'][number], 'severity' | 'subjects' | 'when' | 'confidence'>;

const seenValue = <T>(seen: { readonly ok: true; readonly value: T } | { readonly ok: false }): T | undefined =>
  seen.ok ? seen.value : undefined;

const p99 = (latency: Latency | undefined): ReportPercentile | undefined => {
  const view = latency?.best;
  if (view?.p99 === undefined || view.p99 === null) return undefined;
  return { loMs: view.p99.loMs, hiMs: view.p99.hiMs, count: view.count, basis: view.basis };
};

const healthOf = (
  member: CaseMember,
  kind: ReachabilityKind | undefined,
  findings: readonly FindingLike[],
): Member['health'] => {
  if (member.reachable === false) return 'unreachable';
  if (member.reachable === null || kind === undefined || kind === 'not-asked') return 'unknown';
  const worst = findings
    .filter((f) => f.when === 'now' && f.confidence.level !== 'low' && f.subjects.some((s) => s.id === member.id))
    .reduce((max, f) => Math.max(max, severityRank(f.severity as Severity)), 0);
  return worst >= severityRank('critical')
    ? 'failing'
    : worst >= severityRank('warning') || kind !== 'answering'
      ? 'degraded'
      : 'ok';
};

/** Percent of the window in which this process did not get the CPU it wanted: throttled by its cgroup, or runnable and waiting. */
const stalledPercent = (facts: Facts, id: string): number | undefined => {
  const throttled = seenValue(facts.member(id, 'cgroup'))?.worst?.throttledShare;
  const waiting = seenValue(facts.member(id, 'processSched'))?.runQueueWaitShare;
  const shares = [throttled, waiting].filter((share) => share !== null && share !== undefined);
  return shares.length === 0 ? undefined : Math.round(Math.max(...shares) * 1000) / 10;
};

const optional = <K extends string, V>(key: K, value: V | null | undefined): { [P in K]?: V } =>
  (value === undefined || value === null ? {} : { [key]: value }) as { [P in K]?: V };

/** The members table: etcdctl's columns and more, in the order of the case. */
export const memberRows = (facts: Facts, findings: readonly FindingLike[]): Member[] => {
  const leaderView = seenValue(facts.cluster('leaderView'));
  const lag = seenValue(facts.cluster('raftLag'));
  return facts.case.members.map((member) => {
    const status = seenValue(facts.member(member.id, 'status'))?.last;
    const storage = seenValue(facts.member(member.id, 'storage'));
    const process = seenValue(facts.member(member.id, 'process'));
    const versions = seenValue(facts.cluster('versions'))?.members.find((entry) => entry.member === member.id);
    const behind = lag?.members.find((entry) => entry.member === member.id);
    const isLeader = leaderView?.leader === member.id;
    const noLeader = leaderView?.withoutLeader.includes(member.id) ?? false;
    const role: Member['role'] = isLeader
      ? 'leader'
      : member.isLearner
        ? 'learner'
        : status === undefined
          ? 'unknown'
          : noLeader
            ? 'candidate'
            : 'follower';
    return {
      id: member.id,
      name: member.name,
      ...optional('endpoint', member.endpoints[0]),
      role,
      reachable: member.reachable,
      health: healthOf(member, seenValue(facts.member(member.id, 'reachability'))?.kind, findings),
      ...optional('version', status?.version ?? versions?.server),
      ...optional('dbSizeBytes', storage?.sizeBytes ?? status?.dbSize),
      ...optional('dbInUseBytes', storage?.inUseBytes ?? status?.dbSizeInUse),
      ...optional('quotaBytes', storage?.quotaBytes),
      ...optional('raftIndex', status?.raftIndex),
      ...optional('raftAppliedIndex', status?.raftAppliedIndex),
      ...optional('raftTerm', status?.raftTerm),
      ...optional('revision', status?.revision),
      ...(isLeader && lag !== undefined
        ? { lag: { entries: 0, error: 0 } }
        : behind === undefined
          ? {}
          : { lag: { entries: behind.last.entries, error: Math.ceil(behind.last.error ?? 0) } }),
      ...optional('fsyncP99', p99(seenValue(facts.member(member.id, 'walFsync')))),
      ...optional('commitP99', p99(seenValue(facts.member(member.id, 'backendCommit')))),
      ...optional('cpuStalledPercent', stalledPercent(facts, member.id)),
      ...optional(
        'startedAt',
        process?.startedAt === undefined || process.startedAt === null
          ? undefined
          : new Date(process.startedAt).toISOString(),
      ),
      ...optional('host', member.host),
      peerUrls: [...member.peerUrls],
      clientUrls: [...member.clientUrls],
      errors: [...(status?.errors ?? [])],
    };
  });
};
