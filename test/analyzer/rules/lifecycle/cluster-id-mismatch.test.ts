import rule from '../../../../analyzer/rules/lifecycle/cluster-id-mismatch.js';
import { logAt, membership } from '../../../support/consensus-facts.js';
import { log } from '../../../support/fake-facts.js';
import { ownCopy } from '../../../support/fake-copies.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';
import type { Copies, OwnCopy } from '../../../../analyzer/facts/values/index.js';

const ODD = '00000000000000dd';
const copies = (...ranked: readonly OwnCopy[]): Copies => ({
  ranked,
  cluster: '00000000000000cc',
  clusters: [],
  voters: [],
  votersFrom: null,
  needed: 2,
  decision: 'cannot-tell',
  available: [],
  lost: [],
  unseen: [],
  newestCommit: null,
  newestRevision: null,
  lostAcks: null,
});
const mismatch = (at: readonly number[]) =>
  logAt({ 'cluster-id-mismatch-server': { at, fields: { 'remote-peer-cluster-id': { [ODD]: at.length } } } });

ruleTest(rule, {
  pass: [
    { name: 'nobody answers, and all data is of one cluster', cluster: { copies: copies(ownCopy()) } },
    { name: 'one cluster', cluster: { membership: membership(3) }, member: { m1: { log: log() } } },
    { name: 'one cluster, no logs', cluster: { membership: membership(3) } },
    {
      name: 'a removed member of the same cluster',
      cluster: { membership: membership(3) },
      member: { m1: { log: logAt({ 'stream-rejected-removed': { at: [3] } }) } },
    },
  ],
  fail: [
    {
      name: 'nobody answers, and the data of one is of another cluster',
      cluster: { copies: copies(ownCopy(), ownCopy({ cluster: ODD, target: memberId(2) }, { standing: 'foreign' })) },
      message: 'data',
      severity: 'high',
      subjects: ['m2'],
      confidence: 'high',
    },
    {
      name: 'one member answers for another cluster',
      cluster: { membership: membership(3, { clusterIds: { 3: ODD } }) },
      member: { m1: { log: mismatch([2, 12, 22]) } },
      message: 'split',
      severity: 'high',
      role: 'cause',
      subjects: ['m3'],
    },
    {
      name: 'a member that was founded anew and never served: its own log names its cluster',
      cluster: { membership: membership(3) },
      member: {
        m1: { log: mismatch([2, 12, 22]) },
        m3: {
          log: logAt({
            'cluster-id-mismatch-server': { at: [3, 13], fields: { 'local-member-cluster-id': { [ODD]: 2 } } },
          }),
        },
      },
      message: 'founder',
      severity: 'high',
      subjects: ['m3'],
    },
    {
      name: 'strangers in the log',
      cluster: { membership: membership(3) },
      member: { m1: { log: mismatch([2, 12, 22]) }, m2: { log: log() } },
      message: 'stray',
      severity: 'warning',
      subjects: ['m1'],
    },
    {
      name: 'strangers before the window',
      cluster: { membership: membership(3) },
      member: { m1: { log: mismatch([-900]) } },
      message: 'past',
      severity: 'info',
      when: 'past',
    },
  ],
  inconclusive: [{ name: 'no member list' }],
});
