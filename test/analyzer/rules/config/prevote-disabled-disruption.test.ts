import rule from '../../../../analyzer/rules/config/prevote-disabled-disruption.js';
import { counter, log } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';
import { config, everyone, said } from '../network/links.js';

const off = config({}, { 1: { 'pre-vote': 'false' }, 2: { 'pre-vote': 'false' }, 3: { 'pre-vote': 'false' } });
const on = config({}, { 1: { 'pre-vote': 'true' }, 2: { 'pre-vote': 'true' }, 3: { 'pre-vote': 'true' } });
const deposed = (inWindow: number, before: number, type = 'MsgAppResp') =>
  log({ 'raft-higher-term': said(inWindow, { type: [type], from: [memberId(3)] }, before) });

ruleTest(rule, {
  pass: [
    { name: 'pre-vote on', cluster: { config: on }, member: { m1: { log: deposed(1, 0), leaderChanges: counter(1) } } },
    {
      name: 'an ordinary election of 3.4',
      cluster: { config: off },
      member: everyone({ log: deposed(1, 2, 'MsgVote'), leaderChanges: counter(1) }),
    },
    { name: 'quiet', cluster: { config: off }, member: everyone({ log: log() }) },
  ],
  fail: [
    {
      name: 'm3 came back in the window',
      cluster: { config: off },
      member: { m1: { log: deposed(1, 0), leaderChanges: counter(1) } },
      message: 'now',
      severity: 'warning',
      role: 'cause',
      subjects: ['m3'],
    },
    {
      name: 'm3 came back earlier',
      cluster: { config: off },
      member: { m1: { log: deposed(0, 1), leaderChanges: counter(0) } },
      message: 'past',
      severity: 'info',
      role: 'notice',
      when: 'past',
      subjects: ['m3'],
    },
  ],
  inconclusive: [{ name: 'no log', cluster: { config: off } }, { name: 'nothing at all' }],
  notApplicable: [
    { name: 'a single member', members: [{ name: 'm1' }], cluster: { config: off }, member: { m1: { log: log() } } },
  ],
});
