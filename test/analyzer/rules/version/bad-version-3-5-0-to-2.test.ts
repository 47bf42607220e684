import rule from '../../../../analyzer/rules/version/bad-version-3-5-0-to-2.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { hashes, hashGroup, versions } from '../integrity/fakes.js';

ruleTest(rule, {
  pass: [
    { name: '3.5.3', cluster: { versions: versions('3.5.3', '3.5.16', '3.5.16') } },
    { name: '3.4 and 3.6', cluster: { versions: versions('3.4.1', '3.6.0', '3.6.2') } },
  ],
  fail: [
    {
      name: 'one member runs it',
      cluster: { versions: versions('3.5.2', '3.5.16', '3.5.16') },
      message: 'runs',
      role: 'risk',
      severity: 'high',
      subjects: ['m1'],
      confidence: 'high',
    },
    {
      name: 'equal hashes do not clear it',
      cluster: { versions: versions('3.5.0', '3.5.0', '3.5.0'), hashes: hashes(hashGroup('9', '-1', '1', '1', '1')) },
      member: { m1: { log: log({ 'wal-repaired': { before: 1 } }) } },
      message: 'runs',
      subjects: ['m1', 'm2', 'm3'],
    },
  ],
  inconclusive: [{ name: 'no version known' }],
});
