import assert from 'node:assert/strict';
import { test } from 'node:test';
import rule from '../../../../analyzer/rules/resources/oom-killed.js';
import type { LogSummary } from '../../../../analyzer/logs/types.js';
import type { MemberLog } from '../../../../analyzer/facts/values/member.js';
import { log, WINDOW } from '../../../support/fake-facts.js';
import { crashes } from '../../../support/fake-copies.js';
import { ruleTest, runScenario } from '../../../support/rule-tester.js';
import { cgroup, kernel, process, quorum, reach, sched } from './values.js';

const text = 'Memory cgroup out of memory: Killed process 4711 (etcd) total-vm:11000000kB';
const kill = (at: number) => kernel({ kind: 'oom', at, text, etcd: true });
const ago = WINDOW.from - 900_000;

/** A log with a start at `at` that no orderly stop went before. */
const startedAfterKill = (at: number): MemberLog =>
  log(
    {},
    {
      summaries: [
        {
          path: 'etcd.log',
          bundleId: 'b',
          instance: null,
          flaws: [],
          summary: {
            starts: [{ source: 'etcd.log', line: 9, time: at, before: [], orderlyStopBefore: false, config: {} }],
            fatal: [],
          } as unknown as LogSummary,
        },
      ],
    },
  );

/** A peer's log that lost a stream then. */
const lostPeerAt = (time: number): MemberLog =>
  log({
    'stream-lost': {
      before: 1,
      stats: [
        {
          id: 'stream-lost',
          group: 'stream-lost',
          count: 1,
          timed: 1,
          numbers: new Map(),
          texts: new Map(),
          series: { widthMs: 1000, buckets: [] },
          recent: [time],
          recentComplete: true,
          samples: [],
        },
      ],
    },
  });

const started = WINDOW.from - 60_000;
/** The kernel's two lines about a kill in `group`, just before the start of m1. */
const killIn = (group: string) =>
  kernel(
    {
      kind: 'oom',
      at: started - 5000,
      text: `oom-kill:constraint=CONSTRAINT_MEMCG,task_memcg=${group},task=etcd,pid=4711,uid=0`,
      etcd: true,
    },
    { kind: 'oom', at: started - 5000, text, etcd: true },
  );

ruleTest(rule, {
  pass: [
    {
      name: 'an etcd in another control group was killed shortly before this one was started',
      host: { h1: { kernelEvents: killIn('/kubepods/poda/one') } },
      member: {
        m1: {
          log: log(),
          process: process({ startedAt: started }),
          cgroup: cgroup(null, { path: '/system.slice/etcd.service' }),
        },
      },
    },
    {
      name: 'killed by somebody while another etcd of the host ran out of memory a minute before',
      members: [{ name: 'm1' }, { name: 'm2', host: 'h2' }, { name: 'm3', host: 'h2' }],
      member: {
        m1: { log: log({}, { to: WINDOW.from - 600_000 }), reachability: reach('refused', 'connection-refused') },
        m2: { log: lostPeerAt(WINDOW.from - 29_000) },
      },
      host: { h2: { kernelEvents: kill(WINDOW.from - 90_000) } },
    },
    {
      name: 'an etcd of the host was killed at the time at which this one ended with a last word of its own',
      members: [{ name: 'm1' }, { name: 'm2', host: 'h2' }],
      member: {
        m1: {
          log: log(
            {},
            {
              to: WINDOW.from - 91_000,
              summaries: [
                {
                  path: 'etcd.log',
                  bundleId: 'b',
                  instance: null,
                  flaws: [],
                  summary: {
                    starts: [],
                    fatal: [{ source: 'etcd.log', line: 99, time: WINDOW.from - 91_000, text: 'too many open files' }],
                  } as unknown as LogSummary,
                },
              ],
            },
          ),
          reachability: reach('refused', 'connection-refused'),
        },
        m2: { log: lostPeerAt(WINDOW.from - 90_500) },
      },
      host: { h2: { kernelEvents: kill(WINDOW.from - 90_000) } },
    },
    { name: 'no kill', member: { m1: { log: log(), process: process() } }, host: { h1: { kernelEvents: kernel() } } },
    {
      name: 'another process was killed',
      member: { m1: { log: log(), process: process() } },
      host: {
        h1: { kernelEvents: kernel({ kind: 'oom', at: WINDOW.from, text: 'Out of memory: Killed process 5 (java)' }) },
      },
    },
    {
      name: 'an etcd of another cluster on the same host was killed',
      members: [
        { name: 'm1', host: 'h1' },
        { name: 'm2', host: 'h1' },
      ],
      member: {
        m1: { log: log(), process: process(), reachability: reach('answering') },
        m2: { log: log(), process: process(), reachability: reach('answering') },
      },
      host: { h1: { kernelEvents: kill(ago) } },
    },
    {
      name: 'killed by a signal: dead, and the kernel says nothing',
      member: { m1: { log: log(), reachability: reach('refused', 'connection-refused') } },
      host: { h1: { kernelEvents: kernel() } },
    },
    {
      name: 'stopped (SIGSTOP): the process is there',
      member: {
        m1: { log: log(), reachability: reach('hung', 'not-answering'), processSched: sched({ states: ['T'] }) },
      },
      host: { h1: { kernelEvents: kernel() } },
    },
  ],
  fail: [
    {
      name: 'no log, no kernel log: the runtime kept how its container ended',
      members: [{ name: 'm1' }],
      member: {
        m1: { reachability: reach('refused', 'connection-refused'), crashes: crashes({ outOfMemory: true }) },
      },
      message: 'dead',
      severity: 'high',
    },
    {
      name: 'killed in the control group that it runs in again',
      host: { h1: { kernelEvents: killIn('/system.slice/etcd.service') } },
      member: {
        m1: {
          log: log(),
          process: process({ startedAt: started }),
          cgroup: cgroup(null, { path: '/system.slice/etcd.service' }),
        },
      },
      message: 'past',
      when: 'past',
      subjects: ['m1'],
    },
    {
      name: 'killed and gone: its host is no longer known, its peers lost it at that moment',
      members: [{ name: 'm1' }, { name: 'm2', host: 'h2' }, { name: 'm3', host: 'h2' }],
      cluster: { quorum: quorum('no-spare') },
      member: {
        m1: { log: log({}, { to: WINDOW.from - 600_000 }), reachability: reach('refused', 'connection-refused') },
        m2: { log: lostPeerAt(WINDOW.from - 29_000) },
      },
      host: { h2: { kernelEvents: kill(WINDOW.from - 30_000) } },
      message: 'dead',
      severity: 'critical',
      subjects: ['m1'],
    },
    {
      name: 'killed and gone',
      cluster: { quorum: quorum('spare') },
      member: {
        m1: { log: log({}, { to: WINDOW.from - 60_000 }), reachability: reach('refused', 'connection-refused') },
      },
      host: { h1: { kernelEvents: kill(WINDOW.from - 30_000) } },
      message: 'dead',
      severity: 'high',
      confidence: 'high',
      subjects: ['m1'],
    },
    {
      name: 'killed and restarted in the window',
      member: {
        m1: {
          log: startedAfterKill(WINDOW.from + 12_000),
          process: process({ startedAt: WINDOW.from + 12_000 }),
          reachability: reach('answering'),
        },
      },
      host: { h1: { kernelEvents: kill(WINDOW.from + 10_000) } },
      message: 'restarted',
      severity: 'high',
      when: 'now',
    },
    {
      name: 'killed a quarter of an hour ago',
      member: {
        m1: {
          log: startedAfterKill(ago + 2000),
          process: process({ startedAt: ago + 2000 }),
          reachability: reach('answering'),
        },
      },
      host: { h1: { kernelEvents: kill(ago) } },
      message: 'past',
      severity: 'warning',
      when: 'past',
    },
  ],
  inconclusive: [
    { name: 'nothing seen' },
    {
      name: 'gone, and no kernel log',
      member: { m1: { log: log(), reachability: reach('refused', 'connection-refused') }, m2: {}, m3: {} },
    },
  ],
});

test('a gone member of an unknown host is not cleared by the kernel log of another one', () => {
  const { outcome } = runScenario(rule, {
    name: 'gone, its host unknown',
    members: [{ name: 'm1' }, { name: 'm2', host: 'h2' }],
    member: { m1: { log: log(), reachability: reach('refused', 'connection-refused') } },
    host: { h2: { kernelEvents: kernel() } },
  });
  assert.deepEqual(
    [outcome.coverage.observed, outcome.coverage.total, outcome.coverage.missing.map(({ subject }) => subject)],
    [1, 2, ['m1']],
  );
});
