import rule from '../../../../analyzer/rules/raft/leader-flapping.js';
import type { Cgroup } from '../../../../analyzer/facts/values/member.js';
import { leaderView, logAt, processOf } from '../../../support/consensus-facts.js';
import { counter, latency, log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';

const calm: Cgroup = {
  version: 2,
  seconds: 36,
  levels: [],
  worst: { throttledShare: 0 } as Cgroup['worst'],
  quotaCores: null,
  memory: null,
  oomKills: null,
};
const fast = latency({ 1: 400, 2: 100 });
const lost = (at: readonly number[]) => ({
  'raft-lost-leader': { at, fields: { leader: { '0000000000000001': at.length } } },
});

ruleTest(rule, {
  pass: [
    { name: 'no change', member: { m1: { leaderChanges: counter(0), log: log() }, m2: { leaderChanges: counter(0) } } },
    {
      name: 'a member was replaced in the window and counts its first leader',
      member: {
        m1: { leaderChanges: counter(0), log: log() },
        m2: { leaderChanges: counter(1), process: processOf(20, 2) },
      },
    },
    {
      name: 'a leadership transfer in the window',
      member: {
        m1: { leaderChanges: counter(1), log: logAt({ ...lost([10]), 'raft-transfer-start': { at: [9] } }) },
        m2: { leaderChanges: counter(1), log: logAt(lost([10])) },
      },
    },
    {
      name: 'a rolling restart minutes ago',
      member: {
        m1: { leaderChanges: counter(0), log: logAt(lost([-300, -200]), [{ at: -305, orderly: true }]) },
        m2: {
          leaderChanges: counter(0),
          log: logAt({ 'signal-shutdown': { at: [-201] } }, [{ at: -195, orderly: true }]),
        },
      },
    },
    {
      name: 'first elections of a new cluster',
      member: {
        m1: {
          leaderChanges: counter(0),
          log: logAt({ 'raft-elected': { at: [-60] }, 'raft-new-election': { at: [-61] } }),
        },
      },
    },
    {
      name: 'elections an hour ago',
      member: { m1: { leaderChanges: counter(0), log: logAt(lost([-3600, -3500, -3400])) } },
    },
  ],
  fail: [
    {
      name: 'one unexplained change is information',
      member: { m1: { leaderChanges: counter(1), log: logAt(lost([10])) } },
      message: 'now',
      severity: 'info',
      role: 'symptom',
    },
    {
      name: 'two in the window while a disk is slow',
      member: {
        m1: { leaderChanges: counter(2), walFsync: latency({ 256: 200 }), cgroup: calm, log: logAt(lost([5, 20])) },
      },
      message: 'now',
      severity: 'warning',
      role: 'symptom',
    },
    {
      name: 'two in the window and nothing is suspect',
      member: { m1: { leaderChanges: counter(2), walFsync: fast, cgroup: calm, log: logAt(lost([5, 20])) } },
      message: 'now',
      severity: 'warning',
      role: 'cause',
    },
    {
      name: 'many, without a leader most of the time',
      cluster: { leaderView: leaderView([1, null, null, null], { termDelta: '9' }) },
      member: { m1: { leaderChanges: counter(6), log: logAt(lost([1, 7, 13, 19, 25, 31])) } },
      message: 'now',
      severity: 'critical',
    },
    {
      name: 'before the window, seen by two members as one incident each',
      member: {
        m1: { leaderChanges: counter(0), log: logAt(lost([-300, -200])) },
        m2: { leaderChanges: counter(0), log: logAt(lost([-299.5, -199.8])) },
      },
      message: 'past',
      severity: 'warning',
      when: 'past',
    },
    {
      name: 'remote only, without logs',
      member: { m1: { leaderChanges: counter(3) }, m2: { leaderChanges: counter(3) } },
      message: 'now',
      severity: 'warning',
    },
  ],
  inconclusive: [{ name: 'no metrics', member: { m1: { log: log() } } }],
});
