import type { Membership } from '../../../../analyzer/facts/values/cluster.js';
import rule from '../../../../analyzer/rules/config/even-or-insufficient-members.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';

const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => memberId(i + 1));
const membership = (voters: number): Membership => ({
  members: [],
  voters: ids(voters),
  learners: [],
  unstarted: [],
  views: [],
  agree: true,
  differences: [],
  clusterIds: [],
  strangers: [],
});
const spread = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `m${i + 1}`, host: `h${i + 1}` }));

ruleTest(rule, {
  pass: [
    { name: 'three', cluster: { membership: membership(3) } },
    { name: 'five', members: spread(5), cluster: { membership: membership(5) } },
    {
      name: 'three, hosts of two unknown',
      members: [{ name: 'm1', host: 'h1' }, { name: 'm2' }, { name: 'm3' }],
      cluster: { membership: membership(3) },
    },
  ],
  fail: [
    {
      name: 'one',
      members: spread(1),
      cluster: { membership: membership(1) },
      message: 'single',
      severity: 'info',
      role: 'notice',
    },
    {
      name: 'two',
      members: spread(2),
      cluster: { membership: membership(2) },
      message: 'two',
      severity: 'warning',
      role: 'risk',
    },
    {
      name: 'four',
      members: spread(4),
      cluster: { membership: membership(4) },
      message: 'even',
      severity: 'info',
      role: 'notice',
    },
    { name: 'nine', members: spread(9), cluster: { membership: membership(9) }, message: 'many', severity: 'info' },
    {
      name: 'three on one host',
      members: [
        { name: 'm1', host: 'h1' },
        { name: 'm2', host: 'h1' },
        { name: 'm3', host: 'h1' },
      ],
      cluster: { membership: membership(3) },
      message: 'together',
      severity: 'info',
      role: 'notice',
    },
  ],
  inconclusive: [{ name: 'no member list' }],
});
