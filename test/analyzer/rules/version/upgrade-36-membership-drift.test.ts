import rule from '../../../../analyzer/rules/version/upgrade-36-membership-drift.js';
import type { SignatureStats } from '../../../../analyzer/logs/types.js';
import { log } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';
import { reachability, versions } from '../integrity/fakes.js';

const detected = (id: string): SignatureStats => ({
  id: 'zombie-detected-36',
  group: 'zombie-detected-36',
  count: 1,
  timed: 1,
  numbers: new Map(),
  texts: new Map(),
  series: { widthMs: 1000, buckets: [] },
  recent: [],
  recentComplete: true,
  samples: [
    {
      source: 'x',
      line: 1,
      text: `{"msg":"Detected member only in v3store but missing in v2store","member":"{ID:${id} RaftAttributes:{}}"}`,
    },
  ],
});
const known = {
  id: memberId(2),
  name: 'm2',
  peerURLs: [],
  clientURLs: [],
  isLearner: false,
  started: true,
  seenBy: [],
  notSeenBy: [],
};
const membership = {
  members: [known],
  voters: [known.id],
  learners: [],
  unstarted: [],
  views: [],
  agree: true,
  differences: [],
  clusterIds: [],
  strangers: [],
};

const refused = { log: log({ 'too-many-learners': { before: 2 } }), reachability: reachability(false) };

ruleTest(rule, {
  pass: [
    { name: '3.5 with the repair', cluster: { versions: versions('3.5.26', '3.5.26', '3.5.30') } },
    { name: '3.6 throughout', cluster: { versions: versions('3.6.14', '3.6.14', '3.6.14') } },
    {
      name: 'look-alike: a 3.6 that restarts before its first snapshot names its own members',
      cluster: { versions: versions('3.6.14', '3.6.14', '3.6.14'), membership },
      member: { m2: { log: log({ 'zombie-detected-36': { before: 1, stats: [detected('2')] } }) } },
    },
    { name: '3.4', cluster: { versions: versions('3.4.23', '3.4.23', '3.4.23') } },
    {
      name: 'look-alike: a second learner was refused by a member that serves',
      cluster: { versions: versions('3.6.14', '3.6.14', '3.6.14') },
      member: { m1: { log: log({ 'too-many-learners': { inWindow: 1 } }), reachability: reachability(true) } },
    },
  ],
  fail: [
    {
      name: 'the start of 3.6 fails',
      cluster: { versions: versions('3.6.1', '3.5.16', '3.5.16') },
      member: { m1: refused },
      message: 'down',
      severity: 'critical',
      role: 'cause',
      subjects: ['m1', 'm2', 'm3'],
    },
    {
      name: '3.6 found drift',
      cluster: { versions: versions('3.6.14', '3.6.14', '3.6.14') },
      member: { m2: { log: log({ 'zombie-detected-36': { before: 1 } }) } },
      message: 'drift',
      role: 'risk',
      severity: 'high',
      subjects: ['m2'],
    },
    {
      name: '3.6 found a member that nobody lists',
      cluster: { versions: versions('3.6.14', '3.6.14', '3.6.14'), membership },
      member: { m2: { log: log({ 'zombie-detected-36': { before: 1, stats: [detected('abc123')] } }) } },
      message: 'drift',
      severity: 'high',
      confidence: 'high',
    },
    {
      name: '3.5.26 repaired it',
      cluster: { versions: versions('3.5.26', '3.5.26', '3.5.26') },
      member: { m2: { log: log({ 'zombie-removed': { before: 1 } }) } },
      message: 'repaired',
      role: 'notice',
      when: 'past',
    },
    {
      name: 'on the way without the repair',
      cluster: { versions: versions('3.5.16', '3.6.14', '3.6.14') },
      message: 'mixed',
      role: 'risk',
      severity: 'warning',
      subjects: ['m1'],
    },
    {
      name: 'not yet on the way',
      cluster: { versions: versions('3.5.16', '3.5.16', '3.5.16') },
      message: 'before',
      role: 'notice',
      severity: 'info',
    },
  ],
  inconclusive: [{ name: 'no version known' }],
});
