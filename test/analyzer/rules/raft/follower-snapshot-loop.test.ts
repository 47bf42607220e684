import rule from '../../../../analyzer/rules/raft/follower-snapshot-loop.js';
import type { SnapshotTransfers } from '../../../../analyzer/facts/values/member.js';
import { logAt, noTransfers, raftLag } from '../../../support/consensus-facts.js';
import { counter, log } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';

const sentTo = (n: number, delta: number, failed = false): SnapshotTransfers => ({
  ...noTransfers,
  byPeer: [{ peer: memberId(n), direction: 'sent', failed, counter: counter(delta) }],
});
const sending = (n: number, at: readonly number[]) =>
  logAt({ 'snapshot-sending': { at, fields: { 'remote-peer-id': { [memberId(n)]: at.length } } } });

ruleTest(rule, {
  pass: [
    { name: 'no snapshot ever', member: { m1: { snapshots: noTransfers, log: log() } } },
    { name: 'one snapshot for a replaced member', member: { m1: { snapshots: sentTo(3, 1), log: sending(3, [5]) } } },
    { name: 'several, hours apart', member: { m1: { snapshots: sentTo(3, 0), log: sending(3, [-9000, -5000, -60]) } } },
  ],
  fail: [
    {
      name: 'sent, failed and sent again',
      cluster: { raftLag: raftLag({ 3: [8000, 9000] }) },
      member: { m1: { snapshots: sentTo(3, 2, true), log: sending(3, [-400, 3, 20]) } },
      message: 'now',
      severity: 'high',
      subjects: ['m3'],
    },
    {
      name: 'two within an hour, none now',
      member: { m1: { snapshots: sentTo(3, 0), log: sending(3, [-900, -600]) } },
      message: 'past',
      severity: 'info',
      when: 'past',
    },
  ],
  inconclusive: [{ name: 'no metrics' }],
});
