import rule from '../../../../analyzer/rules/version/version-skew.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { process, versions } from '../integrity/fakes.js';

const up = (seconds: number) => ({
  m1: { process: process(0, seconds) },
  m2: { process: process(0, seconds) },
  m3: { process: process(0, seconds) },
});

ruleTest(rule, {
  pass: [{ name: 'one version', cluster: { versions: versions('3.5.16', '3.5.16', '3.5.16') } }],
  fail: [
    {
      name: 'patches differ: only worth a notice',
      cluster: { versions: versions('3.5.16', '3.5.30', '3.5.30') },
      message: 'patch',
      role: 'notice',
      severity: 'info',
      subjects: ['m1'],
    },
    {
      name: 'an upgrade under way',
      cluster: { versions: versions('3.5.30', '3.6.14', '3.6.14') },
      member: up(600),
      message: 'upgrade',
      role: 'notice',
      severity: 'info',
      subjects: ['m1'],
    },
    {
      name: 'an upgrade left half done',
      cluster: { versions: versions('3.5.30', '3.6.14', '3.6.14') },
      member: up(200_000),
      message: 'long',
      role: 'risk',
      severity: 'warning',
    },
    {
      name: 'two minor releases apart',
      cluster: { versions: versions('3.4.23', '3.6.14', '3.6.14') },
      message: 'apart',
      role: 'risk',
      severity: 'high',
      subjects: ['m1'],
    },
    {
      name: 'members refuse each other',
      cluster: { versions: versions('3.4.23', '3.6.14', '3.6.14') },
      member: { m2: { log: log({ 'version-check-failed': { inWindow: 9 } }) } },
      message: 'refused',
      role: 'cause',
      severity: 'high',
      subjects: ['m2'],
    },
    {
      name: 'refusals before the window are no cause',
      cluster: { versions: versions('3.5.30', '3.6.14', '3.6.14') },
      member: { m2: { log: log({ 'version-check-failed': { before: 9 } }) } },
      message: 'upgrade',
      role: 'notice',
    },
  ],
  inconclusive: [{ name: 'no version known', cluster: {} }],
  notApplicable: [{ name: 'one version known', cluster: { versions: versions('3.5.16') } }],
});
