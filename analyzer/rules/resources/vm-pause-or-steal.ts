import { type Claim, contradicting, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { linesOf } from '../evidence/log-lines.js';
import { pausedClaim, silentLongAgo } from '../evidence/pauses.js';
import { starvedExplains } from '../evidence/responsiveness.js';
import { unread } from '../evidence/sockets.js';
import { complaintsAbout, lateBefore, stillStarting } from '../evidence/silence.js';
import { spareOf } from '../evidence/voters.js';

/** Reason codes of a read that was accepted and never answered. */
const silent: ReadonlySet<string> = new Set(['not-answering', 'stopped-answering', 'item-timeout']);

export default defineRule({
  id: 'vm-pause-or-steal',
  title: 'Member paused or hung',
  category: 'resources',
  role: 'cause',
  scope: 'member',
  why: 'The kernel of a stopped or hung member still accepts connections, so clients and peers wait for answers instead of going elsewhere.',
  needs: [],
  wants: ['reachability', 'processSched', 'quorum', 'peerMatrix', 'log', 'config', 'kernelEvents', 'sockets'],
  explains: [
    'peer-rtt-high',
    ...starvedExplains,
    'quorum-lost',
    'dead-member-in-list',
    'member-partitioned',
    'peer-packet-loss',
    'disk-stall-intermittent',
    'cpu-starvation-host',
    'cpu-steal',
  ],
  ownFate: true,
  messages: {
    stopped:
      'The process of {subject} is stopped (state T): it was sent a stop signal or its container is frozen, and runs nothing until it is continued.',
    hung: '{subject} accepts connections and answers nothing, in any round: its process is paused, frozen or hung.',
    paused:
      'The process of {subject} was stopped (state T) in a part of the window and ran in the rest: somebody stops it and lets it go on.',
    gaps: '{subject} fell silent for whole rounds of the sampling window and answered in others.',
    past: 'Before the sampling window {subject} stood still: heartbeats left {seconds} s late.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Look at the state of the process and of its cgroup, and at who stopped it (debugger, snapshot or backup agent, container runtime, operator)',
      tag: 'read-only',
      command: 'ps -o pid,stat,wchan:32,lstart,cmd -C etcd; cat /sys/fs/cgroup/<cgroup of etcd>/cgroup.freeze',
    },
    {
      text: 'Look for hypervisor events (snapshot, live migration, overcommit) at that time',
      tag: 'read-only',
      command: 'journalctl -k --since -1h',
    },
    { text: 'Continue a stopped process', tag: 'brief-interruption', command: 'kill -CONT <pid of etcd>' },
    {
      text: 'When it is not stopped but hung, keep its stacks and restart this one member',
      tag: 'restarts',
      command: 'kill -QUIT <pid of etcd>   # writes all goroutine stacks to its log and ends it',
    },
    { text: 'Take etcd nodes out of VM snapshots and live migration, and reserve their CPU', tag: 'read-only' },
  ],
  doNot: [
    'remove the member from the cluster: its data are sound and it comes back by itself',
    'stop or restart another member before this one is back: the quorum may hang on it',
    'delete its data directory',
  ],
  owner: 'infrastructure',
  alternatives: [
    {
      rule: 'dead-member-in-list',
      why: 'Connections would be refused or run into nothing: no process holds the port.',
    },
    { rule: 'member-partitioned', why: 'Connections would not come about at all.' },
    { rule: 'disk-stall-intermittent', why: 'The process would be in state D and its log would name long syncs.' },
    {
      rule: 'data-dir-locked-or-slow-open',
      why: 'The process would have started and not yet found its way into the cluster.',
    },
    { rule: 'cpu-starvation-host', why: 'Answers would be late, not missing.' },
    { rule: 'cpu-steal', why: 'The hypervisor would count steal time, and answers would be late, not missing.' },
  ],
  wouldDisprove: [
    'the member answers etcdctl endpoint status from its own host at that time',
    'its log goes on in the window',
  ],
  nextEvidence: [
    {
      what: 'state of the process and kernel counters of its host',
      command: 'sudo etcd-collect   # on the member’s node',
    },
    {
      what: 'all goroutine stacks of a hung process, when it is to be restarted anyway',
      command: 'kill -QUIT <pid of etcd>   # ends it',
    },
  ],
  thresholds: ['pause-seconds'],
  evaluate: (ctx) => {
    const { want, subject, limit, member } = ctx;
    const { reachability: reach, processSched: sched, quorum, log } = want;
    const claims: Claim[] = [];
    // Without a spare voter the next failure stops all writes: the same measure as for a dead member.
    const lost = quorum !== undefined && (quorum.hasQuorum === false || spareOf(quorum) <= 0);
    const severity = lost ? 'critical' : 'high';
    const reasons = Object.keys(reach?.reasons ?? {});
    const silentOnly = reasons.length > 0 && reasons.every((reason) => silent.has(reason));
    const unanswered = reach === undefined ? undefined : reach.grpc.answered + reach.http.answered === 0 && silentOnly;
    const hung = reach === undefined || reach.kind === 'not-asked' ? undefined : unanswered === true;
    const stopped =
      sched === undefined ? undefined : sched.states.at(-1) === 'T' || sched.states.every((s) => s === 'T');
    const tcp = want.peerMatrix?.tcp.filter((road) => road.member === subject.id && road.stats.attempts > 0) ?? [];
    const connects = tcp.length === 0 ? undefined : tcp.some((road) => road.stats.ok > 0);
    // Whoever sends to its peers in the window stands still no more than the way to it lets through.
    const sent = (want.peerMatrix?.links ?? []).flatMap((link) =>
      link.to === subject.id && link.receivedBytes?.delta != null ? [link.receivedBytes.delta] : [],
    );
    const speaks = sent.length === 0 ? undefined : sent.some((bytes) => bytes > 0);
    const complaints = complaintsAbout(ctx.members, ctx.each('log'), subject.id);
    const about = [
      ...(connects === undefined
        ? []
        : [
            supporting(connects, 'Its kernel accepts TCP connections', {
              observed: tcp.map((road) => `${road.role} port ${road.stats.ok} of ${road.stats.attempts}`).join(', '),
              from: ['peerMatrix'],
            }),
          ]),
      ...(complaints === undefined
        ? []
        : [
            supporting(complaints > 0 ? true : undefined, 'The probes of its peers to it fail', {
              observed: `${complaints} lines in their logs`,
              limit: '0',
            }),
          ]),
    ];
    const queues = unread(want.sockets);
    const answers =
      reach === undefined
        ? 'not asked'
        : `${reach.grpc.answered + reach.http.answered} of ${reach.grpc.asked + reach.http.asked} reads answered`;
    if (stopped === true)
      claims.push({
        message: 'stopped',
        severity,
        urgent: lost,
        basis: 'direct',
        evidence: [
          necessary(true, 'The kernel has the process in state T (stopped)', {
            observed: `states seen: ${sched?.states.join(', ') ?? ''}`,
            from: ['processSched'],
          }),
          ...(hung === undefined
            ? []
            : [
                supporting(hung || reach?.kind === 'intermittent', 'It does not answer', {
                  observed: answers,
                  from: ['reachability'],
                }),
              ]),
          ...(sched?.cpuCores === null || sched === undefined
            ? []
            : [
                supporting(sched.cpuCores === 0, 'It used no CPU time', {
                  observed: `${sched.cpuCores} cores`,
                  from: ['processSched'],
                }),
              ]),
          ...about,
          ...queues,
        ],
      });
    else {
      const starting = log === undefined ? undefined : stillStarting(log);
      claims.push({
        message: 'hung',
        severity,
        urgent: lost,
        // The kernel took every connection and nothing came back: that is the finding itself, whatever is behind it.
        ...(connects === true ? { basis: 'direct' as const } : {}),
        evidence: [
          necessary(hung, 'Connections are accepted and nothing is answered, on any road, in any round', {
            observed: answers,
            from: ['reachability'],
          }),
          ...(speaks === undefined
            ? []
            : [
                necessary(!speaks, 'Its peers hear nothing of it', {
                  observed: `${Math.max(...sent)} bytes in the window`,
                  from: ['peerMatrix'],
                }),
              ]),
          ...([...ctx.each('log').values()].some(
            (each) => (each.count('cluster-id-mismatch-server')?.inWindow ?? 0) > 0,
          )
            ? [
                contradicting(true, 'A process of another cluster talks to its peers, and it may be this one', {
                  from: ['log'],
                }),
              ]
            : []),
          ...(starting === undefined
            ? []
            : [necessary(!starting, 'It had found the cluster since its last start', { from: ['log'] })]),
          ...(connects === false
            ? [necessary(false, 'Its kernel accepts TCP connections', { from: ['peerMatrix'] })]
            : []),
          ...(sched?.zombie === true ? [necessary(false, 'The process lives', { from: ['processSched'] })] : []),
          ...(sched === undefined
            ? []
            : [
                contradicting(
                  sched.states.includes('D'),
                  'The process sleeps uninterruptibly, as it does on a disk that hangs',
                  {
                    observed: `states seen: ${sched.states.join(', ')}`,
                    from: ['processSched'],
                  },
                ),
                ...(sched.cpuCores === null
                  ? []
                  : [
                      supporting(sched.cpuCores === 0, 'It used no CPU time', {
                        observed: `${Math.round(sched.cpuCores * 1000) / 1000} cores`,
                        from: ['processSched'],
                      }),
                    ]),
              ]),
          ...about,
          ...queues,
        ],
      });
      if (sched?.stopped === true) claims.push(pausedClaim(sched, reach, ctx.window.to, severity));
      const silentRounds = reach?.kind === 'intermittent' && silentOnly ? reach.failedRounds.length : 0;
      claims.push({
        message: 'gaps',
        severity: 'warning',
        when: reach !== undefined && silentLongAgo(reach, ctx.window) ? 'past' : 'now',
        evidence: [
          necessary(
            reach === undefined ? undefined : silentRounds > 0,
            'Whole rounds without any answer, others with',
            {
              observed:
                reach === undefined
                  ? 'not asked'
                  : `silent in ${reach.failedRounds.length}, answered in ${reach.answeredRounds.length}`,
              from: ['reachability'],
            },
          ),
          ...(sched === undefined
            ? []
            : [supporting(sched.stopped, 'The process was seen stopped', { from: ['processSched'] })]),
          ...about.slice(0, 1),
        ],
      });
    }
    const election = want.config?.timing[subject.id]?.electionMs;
    const pause = Math.max(limit('pause-seconds'), (5 * (election ?? 0)) / 1000);
    const late = lateBefore(log, ctx.window.from);
    if (late !== undefined)
      claims.push({
        message: 'past',
        data: { seconds: Math.round(late.seconds * 10) / 10 },
        severity: 'warning',
        when: 'past',
        evidence: [
          necessary(late.seconds >= pause, 'A heartbeat left so late that the process must have stood still', {
            observed: `${Math.round(late.seconds * 10) / 10} s`,
            threshold: 'pause-seconds',
            from: ['log'],
          }),
          necessary(
            (log?.count('wal-slow-fdatasync')?.total ?? 0) === 0,
            'The log names no sync longer than a second',
            { from: ['log'] },
          ),
          supporting(
            linesOf(log, ['raft-tick-missed-35'])?.total ? true : undefined,
            'Ticks of the raft loop were missed',
            { from: ['log'] },
          ),
        ],
      });
    if (hung === undefined && stopped === undefined && member !== undefined)
      return inconclusive('it was neither asked over the network nor seen by a collector on its host');
    return claims;
  },
});
