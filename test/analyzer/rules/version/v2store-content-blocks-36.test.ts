import rule from '../../../../analyzer/rules/version/v2store-content-blocks-36.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { reachability, versions } from '../integrity/fakes.js';

const refused = { 'v2store-illegal': { before: 1 } };

ruleTest(rule, {
  pass: [
    { name: 'nothing logged', member: { m1: { log: log(), reachability: reachability(true) } } },
    {
      name: 'look-alike: too many learners',
      member: { m1: { log: log({ 'too-many-learners': { before: 1 } }), reachability: reachability(false) } },
    },
    {
      name: 'it serves, its log was not read',
      member: {
        m1: { reachability: reachability(true) },
        m2: { reachability: reachability(true) },
        m3: { reachability: reachability(true) },
      },
    },
  ],
  fail: [
    {
      name: '3.6 refuses to start',
      member: { m1: { log: log(refused), reachability: reachability(false) } },
      message: 'down',
      severity: 'critical',
      subjects: ['m1'],
    },
    {
      name: 'back on 3.5',
      member: { m1: { log: log(refused), reachability: reachability(true) } },
      message: 'past',
      when: 'past',
    },
    {
      name: 'a warning of 3.5',
      cluster: { versions: versions('3.5.30') },
      member: { m1: { log: log({ 'v2store-content': { before: 1 } }), reachability: reachability(true) } },
      message: 'content',
      role: 'risk',
      severity: 'high',
      confidence: 'high',
    },
    {
      name: 'the same of a patch that may err',
      cluster: { versions: versions('3.5.16') },
      member: { m1: { log: log({ 'v2store-content': { before: 1 } }), reachability: reachability(true) } },
      message: 'content',
      confidence: 'medium',
    },
  ],
  inconclusive: [
    { name: 'down without a log', members: [{ name: 'm1' }], member: { m1: { reachability: reachability(false) } } },
  ],
});
