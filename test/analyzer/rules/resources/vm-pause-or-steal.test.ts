import rule from '../../../../analyzer/rules/resources/vm-pause-or-steal.js';
import type { LogCount } from '../../../../analyzer/facts/values/member.js';
import type { LogSummary } from '../../../../analyzer/logs/types.js';
import { counter, log, WINDOW } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { matrix } from '../network/links.js';
import { hostCpu, peers, quorum, reach, sched } from './values.js';

const healthy = { reachability: reach('answering'), processSched: sched() };

/** A late heartbeat logged ten minutes before the window. */
const late = (seconds: number): LogCount['stats'] => {
  const time = WINDOW.from - 600_000;
  const sample = { source: 'etcd.log', line: 7, time, text: 'leader failed to send out heartbeat on time' };
  return [
    {
      id: 'leader-heartbeat-late',
      group: 'leader-heartbeat-late',
      count: 1,
      timed: 1,
      numbers: new Map([
        [
          'exceeded-duration',
          {
            unit: 'seconds',
            count: 1,
            sum: seconds,
            min: seconds,
            worst: { value: seconds, raw: `${seconds}s`, sample },
          },
        ],
      ]),
      texts: new Map(),
      series: { widthMs: 1000, buckets: [] },
      recent: [time],
      recentComplete: true,
      samples: [sample],
    },
  ];
};

/** A log whose last start is not followed by a leader. */
const starting = log(
  {},
  {
    summaries: [
      {
        path: 'etcd.log',
        bundleId: 'b',
        instance: null,
        flaws: [],
        summary: {
          starts: [{ source: 'etcd.log', line: 1, time: WINDOW.from - 20_000, before: [], config: {} }],
          fatal: [],
        } as unknown as LogSummary,
      },
    ],
  },
);

ruleTest(rule, {
  pass: [
    {
      name: 'it has started and not found the cluster yet: the port is open and nobody serves it',
      member: { m1: { reachability: reach('hung', 'not-answering'), log: starting } },
    },
    {
      name: 'it answers nobody here and its peers hear it: the way to it loses what is large',
      cluster: { quorum: quorum('spare'), peerMatrix: matrix({ '2>1': { rtt: { '0.8': 3 }, received: 90_000 } }) },
      member: { m1: { reachability: reach('hung', 'not-answering') }, m2: healthy, m3: healthy },
    },
    { name: 'all answer', member: { m1: healthy, m2: healthy, m3: healthy } },
    {
      name: 'a killed member refuses',
      member: { m1: { reachability: reach('refused', 'connection-refused') }, m2: healthy, m3: healthy },
    },
    {
      name: 'a partitioned member is not reached',
      member: { m1: { reachability: reach('unreachable', 'connection-timeout') }, m2: healthy },
    },
    { name: 'refused TLS', member: { m1: { reachability: reach('tls', 'tls-untrusted') }, m2: healthy } },
    {
      name: 'stopped for a moment by a debugger or strace (t is no stop)',
      member: { m1: { reachability: reach('answering'), processSched: sched({ states: ['t', 'S'] }) } },
    },
    {
      name: 'time withheld by the hypervisor is the story of cpu-steal',
      member: { m1: { ...healthy, heartbeatFailures: counter(9) } },
      host: { h1: { cpu: hostCpu({ stealPercent: 33 }) } },
    },
    {
      name: 'heartbeats a second late during bootstrapping',
      member: { m1: { ...healthy, log: log({ 'leader-heartbeat-late': { before: 1, stats: late(1.2) } }) } },
    },
    {
      name: 'a long stall that the log blames on a sync',
      member: {
        m1: {
          ...healthy,
          log: log({
            'leader-heartbeat-late': { before: 1, stats: late(8) },
            'wal-slow-fdatasync': { before: 1, worstSeconds: 8 },
          }),
        },
      },
    },
  ],
  fail: [
    {
      name: 'SIGSTOP',
      cluster: { quorum: quorum('spare'), peerMatrix: peers(0, 0.2) },
      member: {
        m1: {
          reachability: reach('hung', 'not-answering'),
          processSched: sched({ states: ['T'], stopped: true, cpuCores: 0 }),
        },
        m2: healthy,
        m3: healthy,
      },
      message: 'stopped',
      severity: 'high',
      confidence: 'high',
      subjects: ['m1'],
    },
    {
      name: 'hung, seen from outside only',
      cluster: { quorum: quorum('spare'), peerMatrix: peers(0, 0.2) },
      member: {
        m1: { reachability: reach('hung', 'not-answering') },
        m2: { reachability: reach('answering') },
        m3: { reachability: reach('answering') },
      },
      message: 'hung',
      severity: 'high',
      confidence: 'high',
      subjects: ['m1'],
    },
    {
      name: 'stopped and continued again and again',
      cluster: { quorum: quorum('spare') },
      member: {
        m1: {
          reachability: reach('answering'),
          processSched: sched({ states: ['S', 'T', 'S'], stopped: true, lastStoppedAt: WINDOW.to - 12_000 }),
        },
        m2: healthy,
        m3: healthy,
      },
      message: 'paused',
      severity: 'high',
      when: 'now',
      confidence: 'high',
      subjects: ['m1'],
    },
    {
      name: 'stopped once in a recording, and it has run for minutes',
      cluster: { quorum: quorum('spare') },
      member: {
        m1: {
          reachability: reach('intermittent'),
          processSched: sched({ states: ['S', 'T', 'S'], stopped: true, lastStoppedAt: WINDOW.to - 120_000 }),
        },
        m2: healthy,
        m3: healthy,
      },
      message: 'paused',
      when: 'past',
    },
    {
      name: 'SIGSTOP of one of three: no other may fail',
      cluster: { quorum: quorum('no-spare') },
      member: {
        m1: {
          reachability: reach('hung', 'not-answering'),
          processSched: sched({ states: ['T'], stopped: true, cpuCores: 0 }),
        },
        m2: healthy,
        m3: healthy,
      },
      message: 'stopped',
      severity: 'critical',
    },
    {
      name: 'two of three hung',
      cluster: { quorum: quorum('lost') },
      member: {
        m1: { reachability: reach('hung', 'not-answering') },
        m2: { reachability: reach('hung', 'item-timeout') },
        m3: healthy,
      },
      message: 'hung',
      severity: 'critical',
      subjects: ['m1', 'm2'],
    },
    {
      name: 'silent for two rounds',
      member: {
        m1: {
          reachability: reach('intermittent', 'not-answering', { answered: [0, 3], failed: [1, 2] }),
          processSched: sched(),
        },
      },
      message: 'gaps',
      severity: 'warning',
    },
    {
      name: 'a pause before the window',
      member: { m1: { ...healthy, log: log({ 'leader-heartbeat-late': { before: 1, stats: late(11) } }) } },
      message: 'past',
      severity: 'warning',
      when: 'past',
    },
  ],
  inconclusive: [{ name: 'neither asked nor seen' }],
});
