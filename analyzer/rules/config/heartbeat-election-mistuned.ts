import { type Claim, defineRule, inconclusive, necessary, notApplicable, supporting } from '../../rule.js';
import { cpuWithheld } from '../evidence/cpu.js';
import { tailOf } from '../evidence/latency.js';
import { linesOf } from '../evidence/log-lines.js';
import { roundTrips } from '../evidence/round-trips.js';
import { any, every, ms } from '../evidence/tri.js';

export default defineRule({
  id: 'heartbeat-election-mistuned',
  title: 'Heartbeat interval or election timeout does not fit the network',
  category: 'config',
  role: 'cause',
  scope: 'cluster',
  why: 'With an election timeout of a few round trips an ordinary delay looks like a dead leader, and the cluster elects instead of serving.',
  needs: ['config'],
  wants: [
    'peerMatrix',
    'leaderView',
    'readLatency',
    'leaderChanges',
    'log',
    'walFsync',
    'cgroup',
    'processSched',
    'hostPressure',
  ],
  explains: [
    'leader-flapping',
    'quorum-lost',
    'read-index-slow',
    'proposals-pending-pileup',
    'stalled-leader-lease-revocation',
    'slow-follower-lag',
  ],
  messages: {
    short:
      'The election timeout ({election} ms, heartbeat {heartbeat} ms) is too short for round trips of about {rtt}; it should be ten times as long.',
    hasty:
      'The election timeout of {election} ms is far below the default, and members called elections in the window although round trips are short.',
    long: 'The election timeout is {election} ms: after the loss of a leader, writes stop for at least that long.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Measure the round trips between all members under load',
      tag: 'read-only',
      command: 'etcd-collect --window 2m',
    },
    {
      text: 'Set the heartbeat interval to about the largest mean round trip and the election timeout to ten times that (100 and 1000 ms fit most clusters), equal on all members, one member after the other without delay',
      tag: 'restarts',
      command: '--heartbeat-interval=100 --election-timeout=1000',
    },
  ],
  doNot: [
    'change the timers of one member only: the hastiest member would keep campaigning',
    'raise them far beyond need: a dead leader is then noticed late',
  ],
  owner: 'operator',
  alternatives: [
    { rule: 'peer-rtt-high', why: 'The timers would fit an ordinary network, and the network would have got slow.' },
    { rule: 'cpu-starvation-host', why: 'The leader would send heartbeats late for want of a CPU.' },
    { rule: 'disk-slow-device', why: 'The leader would be held up by its WAL syncs.' },
    { rule: 'timing-mismatch-between-members', why: 'The members would disagree on the timers.' },
  ],
  wouldDisprove: [
    'no election over a long time with these timers under full load',
    'round trips below a tenth of the election timeout',
  ],
  nextEvidence: [{ what: 'flags in force on every member', command: 'sudo etcd-collect   # on each member’s node' }],
  thresholds: [
    'election-rtt-factor',
    'election-heartbeat-factor',
    'election-default-ms',
    'election-long-ms',
    'elections-few',
    'rtt-slow-ms',
    'heartbeat-rtt-factor',
    'fsync-slow-ms',
    'fsync-tail-share',
  ],
  evaluate: (ctx) => {
    const ids = ctx.members.map((member) => member.id);
    const { timing, known } = ctx.need.config;
    if (known.length === 0)
      return inconclusive('the timers in force are unknown: neither flags nor start-up lines of a member were read');
    const seen = known.flatMap((id) => (timing[id] === undefined ? [] : [{ id, ...timing[id] }]));
    const election = Math.min(...seen.map((each) => each.electionMs));
    const heartbeat = Math.min(...seen.map((each) => each.heartbeatMs));
    const longest = Math.max(...seen.map((each) => each.electionMs));
    const claims: Claim[] = [];
    if (longest >= ctx.limit('election-long-ms'))
      claims.push({
        message: 'long',
        data: { election: longest },
        severity: 'info',
        role: 'notice',
        basis: 'direct',
        evidence: [
          necessary(true, 'Election timeout in force', {
            observed: `${longest} ms`,
            threshold: 'election-long-ms',
            from: ['config'],
          }),
        ],
      });
    if (ids.length < 2) return claims.length > 0 ? claims : notApplicable('a single member elects itself');
    const leader = ctx.want.leaderView?.leader ?? null;
    const trips = roundTrips(
      ctx.want.peerMatrix?.links ?? [],
      ctx.each('readLatency'),
      leader,
      ctx.limit('rtt-slow-ms'),
    );
    // Reads contain more than the way; the probes speak where there are any.
    const rtt = trips.length === 0 ? undefined : Math.max(...trips.map((each) => each.probe ?? each.read ?? 0));
    const lowered = election < ctx.limit('election-default-ms');
    const changes = Math.max(0, ...[...ctx.each('leaderChanges').values()].map((each) => each.delta ?? 0));
    const campaigns = [...ctx.each('log').values()].reduce(
      (sum, log) => sum + (linesOf(log, ['raft-new-election'])?.inWindow ?? 0),
      0,
    );
    const leaderless = ctx.want.leaderView?.everWithoutLeader.length ?? 0;
    const unrest = changes > 0 || campaigns >= ctx.limit('elections-few') || leaderless > 0;
    const unrestText = `${changes} leader changes, ${campaigns} campaigns, ${leaderless} members without a leader at times`;
    const factor = unrest ? ctx.limit('election-rtt-factor') : ctx.limit('election-heartbeat-factor');
    const short = rtt === undefined ? undefined : election < factor * rtt;
    if (short !== false)
      claims.push({
        message: 'short',
        data: { election, heartbeat, rtt: rtt === undefined ? 'unknown length' : `${ms(rtt)} ms` },
        severity: unrest ? 'high' : 'warning',
        subjects: seen.filter((each) => each.electionMs === election).map((each) => each.id),
        evidence: [
          necessary(lowered, 'The election timeout was set below the default', {
            observed: `${election} ms`,
            threshold: 'election-default-ms',
            from: ['config'],
          }),
          necessary(short, 'It is only a few round trips long', {
            observed:
              rtt === undefined
                ? 'no round trip was observed'
                : `${ms(rtt)} ms at worst, ${ms(election / Math.max(rtt, 0.1))} times in the timeout`,
            limit: `${factor} times`,
            from: ['peerMatrix'],
          }),
          ...(rtt === undefined
            ? [necessary(unrest, 'Members called elections in the window', { observed: unrestText })]
            : [supporting(unrest, 'Members called elections in the window', { observed: unrestText })]),
          ...(rtt !== undefined && heartbeat < ctx.limit('heartbeat-rtt-factor') * rtt
            ? [
                supporting(true, 'Several heartbeats are under way at once', {
                  observed: `interval ${heartbeat} ms`,
                  threshold: 'heartbeat-rtt-factor',
                }),
              ]
            : []),
        ],
      });
    else {
      const cpu = ids.map((id) =>
        cpuWithheld({
          cgroup: ctx.each('cgroup').get(id),
          processSched: ctx.each('processSched').get(id),
          hostPressure: ctx.each('hostPressure').get(id),
        }),
      );
      const slowSync = any(
        [...ctx.each('walFsync').values()].map(
          (sync) => tailOf(sync, ctx.limit('fsync-slow-ms'), ctx.limit('fsync-tail-share')).slow ?? false,
        ),
      );
      claims.push({
        message: 'hasty',
        data: { election },
        severity: 'warning',
        subjects: seen.filter((each) => each.electionMs === election).map((each) => each.id),
        evidence: [
          necessary(election < ctx.limit('election-default-ms') / 2, 'The election timeout is far below the default', {
            observed: `${election} ms`,
            limit: `${ctx.limit('election-default-ms') / 2} ms`,
            from: ['config'],
          }),
          necessary(
            changes >= ctx.limit('elections-few') || campaigns > ctx.limit('elections-few'),
            'Members called several elections in the window',
            { observed: unrestText, threshold: 'elections-few' },
          ),
          necessary(
            every(cpu.map((each) => (each.withheld === undefined ? undefined : !each.withheld))),
            'No member is denied the CPU',
            { observed: cpu[0]?.observed ?? 'not observed' },
          ),
          necessary(slowSync === undefined ? undefined : !slowSync, 'Syncs are fast', { threshold: 'fsync-slow-ms' }),
        ],
      });
    }
    return claims;
  },
});
