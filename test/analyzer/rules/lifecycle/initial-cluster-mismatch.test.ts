import rule from '../../../../analyzer/rules/lifecycle/initial-cluster-mismatch.js';
import type { Config } from '../../../../analyzer/facts/values/cluster.js';
import { logAt, membership, reachability } from '../../../support/consensus-facts.js';
import { log } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';

const config: Config = {
  members: { [memberId(3)]: { 'initial-cluster': { value: 'm1=http://a:2380,m3=http://c:2380', origin: 'flag' } } },
  known: [memberId(3)],
  differences: [],
  timing: {},
};
const down = reachability('refused');

ruleTest(rule, {
  pass: [
    { name: 'a normal start', member: { m1: { log: log(), reachability: reachability('answering') } } },
    {
      name: 'started as new on known addresses',
      member: { m1: { log: logAt({ 'already-bootstrapped': { at: [-30] } }), reachability: down } },
    },
  ],
  fail: [
    {
      name: 'count is unequal',
      cluster: { membership: membership(3), config },
      member: { m3: { log: logAt({ 'member-count-unequal': { at: [-30] } }), reachability: down } },
      message: 'refused',
      severity: 'high',
      role: 'cause',
      subjects: ['m3'],
    },
    {
      name: 'corrected since',
      member: { m3: { log: logAt({ 'peerurls-no-match': { at: [-300] } }), reachability: reachability('answering') } },
      message: 'over',
      severity: 'info',
      when: 'past',
    },
  ],
  inconclusive: [{ name: 'no log' }],
});
