import type { LeaderView } from '../../../../analyzer/facts/values/cluster.js';
import rule from '../../../../analyzer/rules/storage/defrag-in-progress.js';
import { gauge, latency, log } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';

const leaderView: LeaderView = {
  rounds: [],
  leader: memberId(1),
  named: [],
  dissenting: [],
  withoutLeader: [],
  everWithoutLeader: [],
  agree: true,
  highestTerm: '2',
  termDelta: '0',
  changes: [],
};

ruleTest(rule, {
  pass: [
    { name: 'none', member: { m1: { defrag: { inflight: gauge(0, 0), runs: latency({}) }, log: log() } } },
    {
      name: 'one that ended before the window',
      member: {
        m1: {
          defrag: { inflight: gauge(0, 0), runs: latency({}) },
          log: log({ 'defrag-start': { before: 1 }, 'defrag-finished': { before: 1 } }),
        },
      },
    },
  ],
  fail: [
    {
      name: 'running on a follower',
      member: { m1: { defrag: { inflight: gauge(0, 1), runs: null }, log: log({ 'defrag-start': { inWindow: 1 } }) } },
      message: 'running',
      severity: 'warning',
      subjects: ['m1'],
    },
    {
      name: 'running on the leader',
      cluster: { leaderView },
      member: { m1: { defrag: { inflight: gauge(1, 1), runs: null } } },
      message: 'running',
      severity: 'high',
    },
    {
      name: 'an old server, from the log alone',
      member: { m1: { log: log({ 'defrag-start': { inWindow: 1 } }) } },
      message: 'running',
      severity: 'warning',
    },
    {
      name: 'ended in the window',
      member: { m1: { defrag: { inflight: gauge(0, 0), runs: latency({ 128: 1 }) } } },
      message: 'finished',
      severity: 'info',
      role: 'notice',
    },
  ],
  inconclusive: [{ name: 'neither metrics nor log', member: {} }],
});
