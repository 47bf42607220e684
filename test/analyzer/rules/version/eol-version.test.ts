import rule from '../../../../analyzer/rules/version/eol-version.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { versions } from '../integrity/fakes.js';

ruleTest(rule, {
  pass: [
    { name: 'supported lines', cluster: { versions: versions('3.5.16', '3.6.14', '3.7.1') } },
    { name: 'newer than the table', cluster: { versions: versions('3.9.0') } },
  ],
  fail: [
    {
      name: '3.4, months after its end',
      cluster: { versions: versions('3.4.45', '3.5.33', '3.5.33') },
      message: 'ended',
      role: 'risk',
      severity: 'warning',
      subjects: ['m1'],
    },
    { name: '3.3', cluster: { versions: versions('3.3.27') }, message: 'ended', severity: 'high' },
    { name: '3.1', cluster: { versions: versions('3.1.20') }, message: 'ended', severity: 'high' },
  ],
  inconclusive: [{ name: 'no version known' }],
});
