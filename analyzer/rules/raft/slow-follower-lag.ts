import { defineRule, necessary, supporting } from '../../rule.js';
import { tailOf } from '../evidence/latency.js';
import { linesOf } from '../evidence/log-lines.js';

export default defineRule({
  id: 'slow-follower-lag',
  title: 'A follower lags behind the leader',
  category: 'raft',
  role: 'cause',
  scope: 'member',
  why: 'A follower that stays behind gives stale reads, is no real reserve, and is sent the whole database once the leader has dropped the entries it misses.',
  needs: ['raftLag'],
  wants: ['membership', 'walFsync', 'backendCommit', 'log', 'peerMatrix', 'reachability'],
  explains: ['read-index-slow', 'apply-backlog'],
  messages: {
    behind: '{subject} is at least {proven} entries behind the leader in every round (last: {last}).',
    catchingUp: '{subject} is {last} entries behind the leader and catching up.',
  },
  basis: 'inferred',
  remedy: [
    { text: 'Compare disk, CPU and round trips of this member with the others', tag: 'read-only' },
    { text: 'Take the member out of the endpoints of clients that read serializable', tag: 'brief-interruption' },
    { text: 'Repair or replace what is slow: storage, CPU limit, link', tag: 'restarts' },
    {
      text: 'If its hardware stays bad, replace the member: remove it, then add a new one as learner',
      tag: 'disruptive',
      command: 'etcdctl member remove <id>; etcdctl member add <name> --learner --peer-urls=<url>',
    },
  ],
  doNot: ['remove the member while another one is down', 'give this member the lead'],
  owner: 'operator',
  alternatives: [
    {
      rule: 'apply-backlog',
      why: 'The member would hold the entries and not apply them, although its WAL syncs are fast.',
    },
    { rule: 'follower-snapshot-loop', why: 'Snapshots to it would repeat.' },
    { rule: 'learner-stuck', why: 'The member would be a learner.' },
    { rule: 'member-partitioned', why: 'The member would know no leader.' },
  ],
  wouldDisprove: ['two samples a minute apart with the same commit index as the leader, or one that closes in on it'],
  nextEvidence: [
    { what: 'host counters of this member in the same window', command: 'sudo etcd-collect   # on its node' },
  ],
  thresholds: ['raft-lag-entries', 'raft-catch-up-entries', 'fsync-slow-ms', 'fsync-tail-share'],
  evaluate: (ctx) => {
    const id = ctx.subject.id;
    const lag = ctx.need.raftLag.members.find((member) => member.member === id);
    if (lag === undefined || ctx.want.membership?.learners.includes(id) === true) return [];
    // A slow disk delays the apply, not the commit index, which the leader announces: both parts count.
    const series = ctx.need.raftLag.rounds.flatMap((round) => {
      const own = round.members.find((member) => member.member === id);
      return own === undefined || own.error === null
        ? []
        : [Math.max(0, own.entries - own.error) + (own.applyGap ?? 0)];
    });
    const first = series[0] ?? 0;
    const last = series.at(-1) ?? 0;
    const least = series.length === 0 ? undefined : Math.min(...series);
    const closing = series.length > 1 && last < first * 0.8;
    const limit = ctx.limit('raft-lag-entries');
    const fsync = ctx.want.walFsync;
    const tail =
      fsync === undefined ? undefined : tailOf(fsync, ctx.limit('fsync-slow-ms'), ctx.limit('fsync-tail-share'));
    const dropped = linesOf(ctx.want.log, ['raft-drop-recv']);
    return [
      {
        message: closing ? 'catchingUp' : 'behind',
        data: { proven: least ?? 0, last },
        severity: closing ? 'info' : last > ctx.limit('raft-catch-up-entries') ? 'high' : 'warning',
        role: closing ? 'notice' : 'cause',
        evidence: [
          necessary(
            least === undefined ? undefined : least > limit,
            'Entries the leader has committed and this member has not applied, sampling skew taken off',
            {
              observed: `${series.join(', ')} by round, ${lag.last.applyGap ?? 0} of them received and not applied in the last one`,
              threshold: 'raft-lag-entries',
              from: ['raftLag'],
            },
          ),
          necessary(series.length > 1, 'Seen in more than one round', {
            observed: `${series.length} rounds`,
            limit: '2',
          }),
          supporting(tail?.slow, 'Its WAL syncs are slow', {
            ...(tail === undefined ? {} : { observed: tail.observed }),
            threshold: 'fsync-slow-ms',
            from: ['walFsync'],
          }),
          ...((dropped?.inWindow ?? 0) > 0
            ? [
                supporting(true, 'It drops raft messages that it cannot take in', {
                  observed: `${dropped?.inWindow ?? 0} lines`,
                  sources: dropped?.sources ?? [],
                }),
              ]
            : []),
        ],
      },
    ];
  },
});
