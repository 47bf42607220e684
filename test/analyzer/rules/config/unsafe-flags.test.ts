import type { Membership } from '../../../../analyzer/facts/values/cluster.js';
import rule from '../../../../analyzer/rules/config/unsafe-flags.js';
import { counter, gauge, latency, log } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';
import { config, everyone, said } from '../network/links.js';

const applied = (entries: number) => ({
  pending: gauge(0, 0),
  failed: null,
  committed: null,
  applied: counter(entries),
  gap: null,
});
const alone: Membership = {
  members: [],
  voters: [memberId(1)],
  learners: [],
  unstarted: [],
  views: [{ viewer: memberId(1), clusterId: 'c', raftTerm: '9', ids: [memberId(1)] }],
  agree: true,
  differences: [],
  clusterIds: ['c'],
  strangers: [],
};
const safe = { 1: {}, 2: {}, 3: {} };

ruleTest(rule, {
  pass: [
    {
      name: 'no such flag',
      cluster: { config: config({}, safe) },
      member: everyone({ walFsync: latency({ 2: 90 }), proposals: applied(90) }),
    },
    {
      name: 'named, but switched off',
      cluster: {
        config: config(
          {},
          { ...safe, 1: { 'unsafe-no-fsync': 'false', 'force-new-cluster': 'false', 'strict-reconfig-check': 'true' } },
        ),
      },
    },
    {
      name: 'idle: no entries, no syncs',
      cluster: { config: config({}, safe) },
      member: everyone({ walFsync: latency({}), proposals: applied(0) }),
    },
  ],
  fail: [
    {
      name: '--unsafe-no-fsync on one member',
      cluster: { config: config({}, { ...safe, 2: { 'unsafe-no-fsync': 'true' } }) },
      member: { m2: { walFsync: latency({}), proposals: applied(400) } },
      message: 'unsynced',
      severity: 'high',
      role: 'cause',
      confidence: 'high',
      subjects: ['m2'],
    },
    {
      name: 'flags unseen, entries without a sync',
      cluster: { config: config({}) },
      member: { m3: { walFsync: latency({}, { sinceStart: { 2: 3 } }), proposals: applied(400) } },
      message: 'silent',
      severity: 'high',
      subjects: ['m3'],
    },
    {
      name: '--force-new-cluster while others still have the old membership',
      cluster: {
        config: config({}, { ...safe, 1: { 'force-new-cluster': 'true' } }),
        membership: alone,
      },
      message: 'split',
      severity: 'critical',
      subjects: ['m1'],
    },
    {
      name: '--force-new-cluster left behind',
      cluster: { config: config({}, { ...safe, 1: { 'force-new-cluster': 'true' } }) },
      member: { m1: { log: log({ 'single-member-ff': said(0, {}, 1) }) } },
      message: 'forced',
      severity: 'high',
      subjects: ['m1'],
    },
    {
      name: '--strict-reconfig-check=false',
      cluster: { config: config({}, { ...safe, 1: { 'strict-reconfig-check': 'false' } }) },
      message: 'lax',
      severity: 'warning',
      role: 'risk',
      subjects: ['m1'],
    },
  ],
  inconclusive: [
    {
      name: 'settings unseen',
      cluster: { config: config({}) },
      member: everyone({ walFsync: latency({ 2: 90 }), proposals: applied(90) }),
    },
    { name: 'nothing at all' },
  ],
});
