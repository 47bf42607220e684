import { contradicting, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { cpuWithheld } from '../evidence/cpu.js';
import { linesOf } from '../evidence/log-lines.js';
import { blame, pairKey } from '../evidence/peer-links.js';
import { roundTrips } from '../evidence/round-trips.js';
import { kernelRtts } from '../evidence/sockets.js';
import { connectsBetween, troubledMembers } from '../evidence/ways.js';
import { any, every, ms } from '../evidence/tri.js';

/** A probe weighs an eighth in the average (probing): so much of a new delay shows after the first one, give or take what it varies. */
const SMOOTHED = 10;

export default defineRule({
  id: 'peer-rtt-high',
  title: 'High network latency between members',
  category: 'network',
  role: 'cause',
  scope: 'cluster',
  why: 'Every write and every linearizable read waits for a round trip to the nearest majority, and heartbeats travel the same way.',
  needs: ['peerMatrix', 'config'],
  wants: [
    'leaderView',
    'readLatency',
    'walFsync',
    'cgroup',
    'processSched',
    'hostPressure',
    'log',
    'leaderChanges',
    'sockets',
  ],
  explains: [
    'read-index-slow',
    'slow-follower-lag',
    'proposals-pending-pileup',
    'leader-flapping',
    'apply-backlog',
    'api-server-waits-for-etcd',
  ],
  messages: {
    slow: 'Round trips between {subject} and its peers take about {observed}; the timers in force are made for less than {limit}.',
    tuned:
      'Round trips between {subject} and its peers take about {observed}; the heartbeat interval was set for that.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Measure the path between the members’ hosts with the kernel, not with etcd',
      tag: 'read-only',
      command: 'for i in 1 2 3 4 5; do curl -so /dev/null -w "%{time_connect}\\n" <peer url of the slow member>; done',
    },
    {
      text: 'When the slow member leads, hand leadership to a member close to the majority',
      tag: 'brief-interruption',
      command: 'etcdctl --endpoints=<leader> move-leader <id of a member with fast links>',
    },
    { text: 'Repair the path, or place the voters within one region or close zones', tag: 'restarts' },
    {
      text: 'Where the distance is meant: heartbeat interval about the round trip, election timeout ten times it, equal on all members',
      tag: 'restarts',
    },
  ],
  doNot: [
    'remove or replace the slow member: it holds sound data and a vote',
    'spread three voters over two sites in the hope of a failover between sites',
  ],
  owner: 'infrastructure',
  alternatives: [
    {
      rule: 'peer-packet-loss',
      why: 'Round trips would be short mostly and very long now and then, with retransmissions in the kernel’s counters.',
    },
    { rule: 'cpu-cgroup-throttling', why: 'The process would be throttled, and slow in everything it does.' },
    { rule: 'cpu-starvation-host', why: 'The process would wait for a CPU; the kernel would still connect fast.' },
    { rule: 'heartbeat-election-mistuned', why: 'The distance would be as planned, and the timers too short for it.' },
  ],
  wouldDisprove: [
    'short TCP connect times between the members’ own hosts at the time of the incident',
    'CPU throttling or run-queue waiting of the blamed member’s process in the same window',
  ],
  nextEvidence: [
    {
      what: 'round trips over a longer window; members observe them only every 30 s',
      command: 'etcd-collect --window 2m',
    },
  ],
  thresholds: [
    'rtt-slow-ms',
    'rtt-high-ms',
    'rtt-raised-share',
    'rtt-raised-ms',
    'rtt-connect-ms',
    'run-queue-wait-share',
    'cpu-pressure-high-percent',
    'link-trouble-minutes',
    'fsync-slow-ms',
    'election-default-ms',
    'election-rtt-factor',
  ],
  evaluate: (ctx) => {
    const { links, tcp } = ctx.need.peerMatrix;
    const slowMs = ctx.limit('rtt-slow-ms');
    const leader = ctx.want.leaderView?.leader ?? null;
    // Reads that waited for an election say nothing about the way.
    const elected = [...ctx.each('leaderChanges').values()].some((each) => (each.delta ?? 0) > 0);
    const since = ctx.window.from - ctx.limit('link-trouble-minutes') * 60_000;
    const known = roundTrips(links, elected ? new Map() : ctx.each('readLatency'), leader, slowMs, {
      connects: connectsBetween(tcp, ctx.members),
      troubled: troubledMembers(ctx.each('log'), since),
    });
    if (known.length === 0)
      return inconclusive(
        'no round trip was observed in the window: members observe one every 30 s, and no read latency is there',
      );
    const worst = Math.max(...known.map((each) => each.ms));
    // Reads alone can be slow for other reasons: the probes must have moved too, where there are any.
    const moved = known.filter(
      (each) =>
        each.ms > slowMs &&
        (each.probe === null ||
          each.probe > slowMs ||
          // Below what a single probe adds to the average the read was late for another reason.
          (each.probe > ctx.limit('rtt-raised-ms') && each.probe * SMOOTHED >= each.ms)),
    );
    const probes = moved.flatMap((each) => each.probe ?? []);
    const raisedMs = Math.max(ctx.limit('rtt-raised-ms'), Math.max(0, ...probes) * ctx.limit('rtt-raised-share'));
    const raised = known.filter((each) => each.ms > slowMs || (probes.length > 0 && (each.probe ?? 0) >= raisedMs));
    const pairsBad = (moved.length === 0 ? [] : raised).map((each) => each.pair);
    const blamed = blame(
      pairsBad,
      known.map((each) => each.pair),
    );
    // One bad pair leaves both ends; the one that is near somebody else is not the far one.
    const near = (id: string): boolean => known.some((each) => each.pair.includes(id) && each.ms <= slowMs);
    const far = blamed.filter((id) => !near(id));
    const subjects = pairsBad.length === 1 && far.length === 1 ? far : blamed;
    const timing = subjects.flatMap((id) => ctx.need.config.timing[id] ?? []);
    const heartbeat = Math.max(100, ...timing.map((each) => each.heartbeatMs));
    // An election timeout below the default is a finding of its own, and no measure for the network.
    const election = Math.max(ctx.limit('election-default-ms'), ...timing.map((each) => each.electionMs));
    // Who raised the heartbeat interval planned for a distance up to about that interval.
    const limitMs = heartbeat > 100 ? Math.max(slowMs, heartbeat) : slowMs;
    const tuned = worst <= limitMs;
    const byReadOnly = !moved.some((each) => (each.probe ?? 0) > slowMs);
    const cpu = subjects.map((id) =>
      cpuWithheld({
        cgroup: ctx.each('cgroup').get(id),
        processSched: ctx.each('processSched').get(id),
        hostPressure: ctx.each('hostPressure').get(id),
      }),
    );
    const suspects = [...new Set([...subjects, ...(leader === null ? [] : [leader])])];
    const slowSync = any(
      suspects.map((id) => {
        const sync = ctx.each('walFsync').get(id);
        return sync === undefined ? undefined : (sync.window?.meanMs ?? 0) > ctx.limit('fsync-slow-ms');
      }),
    );
    const connects = tcp.filter((each) => each.member !== null && subjects.includes(each.member));
    const connectMs = Math.max(0, ...connects.map((each) => each.stats.medianMs ?? 0));
    const memberHosts = new Map(ctx.members.map((member) => [member.id, member.host]));
    const fromPeers = connects.filter(
      ({ vantage, member }) =>
        vantage !== null && [...memberHosts].some(([id, host]) => id !== member && host === vantage),
    );
    // Slow answers to reads over a way on which connects are fast: it is the member that is slow.
    const close =
      fromPeers.length > 0 && fromPeers.every(({ stats }) => (stats.medianMs ?? 0) < ctx.limit('rtt-connect-ms'));
    const slowConnect = connects.length === 0 ? undefined : connectMs > ctx.limit('rtt-connect-ms');
    // The kernel acknowledges whatever the processes wait for: a short round trip of its own clears the path, unless the processes are
    // known to have what they need. Then the kernel that answers may be that of a proxy or tunnel between them.
    const served = subjects.every((id) => {
      const wait = ctx.each('processSched').get(id)?.runQueueWaitShare ?? undefined;
      const pressure = ctx.each('hostPressure').get(id)?.cpu?.some.windowPercent ?? undefined;
      return (
        (wait !== undefined || pressure !== undefined) &&
        (wait ?? 0) < ctx.limit('run-queue-wait-share') &&
        (pressure ?? 0) < ctx.limit('cpu-pressure-high-percent')
      );
    });
    const kernel = kernelRtts(
      ctx.each('sockets'),
      ctx.members.map(({ id }) => id),
    );
    const paths = moved.map((each) => kernel.get(pairKey(each.pair)));
    const short =
      paths.length === 0 ? false : paths.every((path) => path !== undefined && path < ctx.limit('rtt-connect-ms'));
    const long = paths.some((path) => path !== undefined && path > ctx.limit('rtt-connect-ms'));
    const kernelMs = Math.max(0, ...paths.flatMap((path) => path ?? []));
    const readLines = [...ctx.each('log').values()].map((log) => linesOf(log, ['readindex-slow'])?.inWindow);
    const list = moved
      .slice(0, 6)
      .map(
        ({ pair, probe, read }) =>
          `${ctx.nameOf(pair[0])}-${ctx.nameOf(pair[1])} ${probe === null ? '' : `${ms(probe)} ms by probe`}${probe !== null && read !== null ? ', ' : ''}${read === null ? '' : `${ms(read)} ms by quorum read`}`,
      )
      .join('; ');
    return [
      {
        message: tuned ? 'tuned' : 'slow',
        data: { observed: `${ms(worst)} ms`, limit: `${ms(limitMs)} ms` },
        severity: tuned
          ? 'info'
          : worst > Math.max(ctx.limit('rtt-high-ms'), election / ctx.limit('election-rtt-factor'))
            ? 'high'
            : 'warning',
        role: tuned ? 'notice' : 'cause',
        subjects,
        evidence: [
          necessary(moved.length > 0, 'Round trips between members are long, in both directions where both are known', {
            observed: list === '' ? `at most ${ms(worst)} ms` : list,
            limit: `${ms(limitMs)} ms`,
            from: ['peerMatrix', 'leaderView'],
          }),
          necessary(
            every(cpu.map((each) => (each.withheld === undefined ? undefined : !each.withheld))),
            'The CPU is not withheld from the members concerned',
            {
              observed: cpu[0]?.observed ?? 'not observed',
              ...(subjects[0] === undefined ? {} : { about: subjects[0] }),
              from: ['cgroup', 'processSched'],
            },
          ),
          ...(short && !served
            ? [
                necessary(false, 'The round trips of the kernels between these members are long as well', {
                  observed: `${ms(kernelMs)} ms`,
                  threshold: 'rtt-connect-ms',
                  from: ['sockets'],
                }),
              ]
            : short
              ? [
                  contradicting(true, 'The round trips of the kernels are short', {
                    observed: `${ms(kernelMs)} ms`,
                    threshold: 'rtt-connect-ms',
                    from: ['sockets'],
                    answer:
                      'then something between the members ends their connections, such as a proxy or tunnel, and the time is spent behind it',
                  }),
                ]
              : long
                ? [
                    supporting(true, 'The round trips of the kernels between these members are long as well', {
                      observed: `${ms(kernelMs)} ms`,
                      threshold: 'rtt-connect-ms',
                      from: ['sockets'],
                    }),
                  ]
                : []),
          ...(byReadOnly && close
            ? [
                necessary(false, 'TCP connects from the hosts of other members take long as well', {
                  observed: `${ms(connectMs)} ms (median)`,
                  threshold: 'rtt-connect-ms',
                  from: ['peerMatrix'],
                }),
              ]
            : []),
          ...(byReadOnly
            ? [
                necessary(
                  slowSync === undefined ? undefined : !slowSync,
                  'The mean sync of the members concerned is short: the disk does not slow the reads',
                  {
                    observed: slowSync === true ? 'slow syncs' : slowSync === false ? 'no slow syncs' : 'not observed',
                    threshold: 'fsync-slow-ms',
                  },
                ),
              ]
            : [
                supporting(
                  slowSync === undefined ? undefined : !slowSync,
                  'The mean sync of the members concerned is short',
                  {
                    threshold: 'fsync-slow-ms',
                  },
                ),
              ]),
          supporting(
            moved.some((each) => (each.read ?? 0) > slowMs) ? true : undefined,
            'Even the fastest of several quorum reads took that long',
          ),
          supporting(
            moved.some((each) => each.probe !== null && each.probe > slowMs) ? true : undefined,
            'The members’ own probes of each other say so',
          ),
          ...(readLines.some((count) => (count ?? 0) > 0)
            ? [supporting(true, 'Members log that they wait for the leader’s answer to reads', { from: ['log'] })]
            : []),
          ...(slowConnect === undefined
            ? []
            : slowConnect
              ? [
                  supporting(true, 'TCP connects from the collector are slow as well', {
                    observed: `${ms(connectMs)} ms (median)`,
                    threshold: 'rtt-connect-ms',
                  }),
                ]
              : [
                  contradicting(true, 'TCP connects from where the collector ran are fast', {
                    observed: `${ms(connectMs)} ms (median)`,
                    threshold: 'rtt-connect-ms',
                    answer:
                      'the collector’s path is not the path between the members, and a relay or a load balancer accepts for them',
                  }),
                ]),
        ],
      },
    ];
  },
});
