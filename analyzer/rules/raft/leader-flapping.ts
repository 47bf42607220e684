import type { History } from '../../facts/values/cluster.js';
import type { MemberLog } from '../../facts/values/member.js';
import type { Severity } from '../../finding.js';
import { defineRule, type EvidenceInput, necessary, supporting } from '../../rule.js';
import { cpuWithheld } from '../evidence/cpu.js';
import { electionsOf } from '../evidence/elections.js';
import { increase, span } from '../evidence/history.js';
import { tailOf } from '../evidence/latency.js';
import { valuesOf } from '../evidence/log-lines.js';

const sumByValue = (logs: readonly MemberLog[], id: string, field: string): ReadonlyMap<string, number> => {
  const sum = new Map<string, number>();
  for (const log of logs)
    for (const [value, count] of valuesOf(log, id, field)) sum.set(value, (sum.get(value) ?? 0) + count);
  return sum;
};

/** Changes of the leader before the window by a Prometheus: whether this is new. */
const before = (history: History | undefined, until: number): EvidenceInput[] => {
  const series = history?.of('leader-changes') ?? [];
  const counts = series.flatMap((each) => increase(each, each.start, until) ?? []);
  const first = series[0];
  if (first === undefined || counts.length === 0) return [];
  // Every member counts the same change: the fullest count misses least.
  const most = Math.max(...counts);
  return [
    supporting(most > 0 ? true : undefined, 'The history has changes of the leader before the window', {
      observed: `${Math.round(most)} in ${span(until - first.start)}`,
      limit: '0',
      sources: [{ artifact: 'history', path: first.path, bundle: first.bundleId }],
    }),
  ];
};

export default defineRule({
  id: 'leader-flapping',
  title: 'Frequent leader changes',
  category: 'raft',
  role: 'symptom',
  scope: 'cluster',
  why: 'Each election stops writes for up to an election timeout and fails the requests under way; changes without a restart or a transfer always have a cause.',
  needs: ['leaderChanges'],
  wants: [
    'log',
    'leaderView',
    'process',
    'reachability',
    'heartbeatFailures',
    'walFsync',
    'cgroup',
    'processSched',
    'hostPressure',
    'config',
    'history',
  ],
  explains: ['proposals-pending-pileup', 'read-index-slow', 'api-server-waits-for-etcd'],
  messages: {
    now: 'The leader changed {changes} within {span} without a restart or a transfer that would account for it.',
    past: 'The leader changed {changes} in the {span} before the window, not accounted for by a restart or a transfer.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'See which member loses the lead or starts the elections: the same old leader each time is ill itself, the same candidate each time is badly connected',
      tag: 'read-only',
      command: 'grep -E "lost leader|became leader|starting a new election" <log of every member>',
    },
    {
      text: 'Compare WAL sync times, CPU throttling and peer round trips of that member with the others',
      tag: 'read-only',
    },
    {
      text: 'Give the lead to the healthiest member until the cause is found',
      tag: 'brief-interruption',
      command: 'etcdctl --endpoints=<leader> move-leader <id of a healthy member>',
    },
  ],
  doNot: [
    'restart all members: it adds elections and destroys the evidence',
    'raise the timeouts before disk, CPU and network have been looked at',
  ],
  owner: 'operator',
  alternatives: [
    { rule: 'quorum-lost', why: 'No leader would stay elected at all.' },
    { rule: 'heartbeat-election-mistuned', why: 'The timeouts in force would be too short for the round trips.' },
    {
      rule: 'prevote-disabled-disruption',
      why: 'Each change would follow the return of a member, with a jump of the term.',
    },
  ],
  wouldDisprove: [
    'a restart, a leadership transfer or an upgrade at the time of every change',
    'a leader change counter that stands still over a longer window',
  ],
  nextEvidence: [
    { what: 'logs of all members from five minutes before the first change', command: 'etcd-collect --since 6h' },
    { what: 'host counters of the member that loses the lead', command: 'sudo etcd-collect   # on its node' },
  ],
  thresholds: [
    'leader-changes-warning',
    'leader-changes-high',
    'leader-changes-minutes',
    'fsync-slow-ms',
    'fsync-tail-share',
  ],
  evaluate: (ctx) => {
    const logs = [...ctx.each('log').values()];
    const { unexplained, explained } = electionsOf(logs);
    const restarted = [...ctx.each('process')].filter(([, process]) => process.restartedInWindow).map(([id]) => id);
    const inWindow = (at: number): boolean => at >= ctx.window.from && at <= ctx.window.to;
    // A process counts the first leader after its start as a change: only those that ran through count.
    const counted = [...ctx.each('leaderChanges')].flatMap(([id, counter]) =>
      restarted.includes(id) ? [] : (counter.delta ?? []),
    );
    const seen = counted.length === 0 ? undefined : Math.max(...counted);
    const harmless = Math.max(explained.filter(inWindow).length, restarted.length > 0 ? 1 : 0);
    const now = Math.max(0, (seen ?? 0) - harmless);
    const since = ctx.window.from - ctx.limit('leader-changes-minutes') * 60_000;
    const past = unexplained.filter((at) => at >= since && at < ctx.window.from).length;
    const total = now + past;
    const rounds = ctx.want.leaderView?.rounds ?? [];
    const led = rounds.filter((round) => Object.values(round.leaders).some((leader) => leader !== null)).length;
    const severity: Severity =
      now >= ctx.limit('leader-changes-high') && led * 2 < rounds.length
        ? 'critical'
        : total >= ctx.limit('leader-changes-high')
          ? 'high'
          : total >= ctx.limit('leader-changes-warning')
            ? 'warning'
            : 'info';
    const slowDisk = [...ctx.each('walFsync').values()].map(
      (latency) => tailOf(latency, ctx.limit('fsync-slow-ms'), ctx.limit('fsync-tail-share')).slow,
    );
    const cpu = ctx.members.map(
      ({ id }) =>
        cpuWithheld({
          cgroup: ctx.each('cgroup').get(id),
          processSched: ctx.each('processSched').get(id),
          hostPressure: ctx.each('hostPressure').get(id),
        }).withheld,
    );
    const timings = Object.values(ctx.want.config?.timing ?? {});
    const oddTiming =
      new Set(timings.map((timing) => `${timing.heartbeatMs}/${timing.electionMs}`)).size > 1 ||
      timings.some((timing) => timing.electionMs < 500);
    const silent = [...ctx.each('reachability').values()].some((reachability) => reachability.kind !== 'answering');
    const late = [...ctx.each('heartbeatFailures').values()].some((counter) => (counter.delta ?? 0) > 0);
    const suspects = slowDisk.includes(true) || cpu.includes(true) || oddTiming || silent || late;
    const looked = slowDisk.some((slow) => slow !== undefined) && cpu.some((withheld) => withheld !== undefined);
    const lost = [...sumByValue(logs, 'raft-lost-leader', 'leader')].sort((a, b) => b[1] - a[1]);
    const minutes = ctx.limit('leader-changes-minutes');
    const times = (n: number): string => (n === 1 ? 'once' : `${n} times`);
    return [
      {
        message: now > 0 ? 'now' : 'past',
        data: {
          changes: times(total),
          span:
            now > 0 && past === 0 ? `${Math.round((ctx.window.to - ctx.window.from) / 1000)} s` : `${minutes} minutes`,
        },
        severity,
        when: now > 0 ? 'now' : 'past',
        role: now > 0 && looked && !suspects && severity !== 'info' ? 'cause' : 'symptom',
        evidence: [
          necessary(
            seen === undefined && logs.length === 0 ? undefined : total > 0,
            'Leader changes that no restart or transfer accounts for',
            {
              observed: `${seen ?? 0} in the window, ${past} in the ${minutes} minutes before`,
              limit: '0',
              from: ['leaderView'],
            },
          ),
          necessary(logs.length === 0 ? undefined : true, 'The logs name no stop, start or transfer at these times', {
            observed: `${explained.length} other changes are accounted for`,
          }),
          supporting(
            ctx.want.leaderView === undefined ? undefined : BigInt(ctx.want.leaderView.termDelta) > 0n,
            'The raft term rose in the window',
            { observed: `by ${ctx.want.leaderView?.termDelta ?? '?'}`, from: ['leaderView'] },
          ),
          ...before(ctx.want.history, ctx.window.from),
          ...lost.slice(0, 2).map(([id, count]) =>
            supporting(true, 'Members report that they lost this leader', {
              observed: `${count} lines`,
              about: id,
            }),
          ),
        ],
      },
    ];
  },
});
