import rule from '../../../../analyzer/rules/raft/quorum-lost.js';
import { leaderView, logAt, quorum } from '../../../support/consensus-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';

ruleTest(rule, {
  pass: [
    { name: 'three of three', cluster: { quorum: quorum(3) } },
    { name: 'one of three is down', cluster: { quorum: quorum(3, [3]) } },
    { name: 'one member is cut off, the majority works', cluster: { quorum: quorum(3, [], [3]) } },
    { name: 'two of five are down', cluster: { quorum: quorum(5, [4, 5]) } },
    { name: 'a single member', cluster: { quorum: quorum(1) } },
  ],
  fail: [
    {
      name: 'two of three are down',
      cluster: { quorum: quorum(3, [1, 2], [3]), leaderView: leaderView([null, null]) },
      member: { m3: { log: logAt({ 'raft-new-election': { at: [-5, 2, 8] } }) } },
      message: 'gone',
      severity: 'critical',
      role: 'cause',
      confidence: 'high',
      subjects: ['cluster'],
    },
    {
      name: 'all answer and nobody leads',
      cluster: { quorum: quorum(3, [], [1, 2, 3]) },
      message: 'leaderless',
      severity: 'critical',
    },
  ],
  inconclusive: [
    { name: 'no status and no member list' },
    { name: 'nobody answered: the collector may be cut off', cluster: { quorum: quorum(3, [1, 2, 3]) } },
  ],
});
