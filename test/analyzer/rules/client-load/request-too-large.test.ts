import rule from '../../../../analyzer/rules/client-load/request-too-large.js';
import { counter, log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { puts, requests, traffic } from '../resources/values.js';

const MIB = 1024 * 1024;
const refused = (count: number) =>
  requests([
    { method: 'Put', code: 'OK', delta: 100 },
    { method: 'Put', code: 'InvalidArgument', delta: count },
  ]);

ruleTest(rule, {
  pass: [
    { name: 'all accepted', member: { m1: { requests: refused(0), log: log() } } },
    { name: 'one mistake', member: { m1: { requests: refused(1), log: log(), traffic: traffic(), puts: puts(100) } } },
    {
      name: 'a full database is another rule',
      member: { m1: { requests: requests([{ method: 'Put', code: 'ResourceExhausted', delta: 500 }]), log: log() } },
    },
    {
      name: 'refused long ago',
      member: { m1: { requests: refused(0), log: log({ 'err-request-too-large': { before: 3 } }) } },
    },
  ],
  fail: [
    {
      name: 'the log says so',
      member: { m1: { requests: refused(20), log: log({ 'err-request-too-large': { inWindow: 4 } }) } },
      message: 'rejected',
      severity: 'warning',
      role: 'cause',
      confidence: 'high',
      subjects: ['m1'],
    },
    {
      name: 'refused writes of 1.8 MiB each',
      member: {
        m1: { requests: refused(50), puts: puts(100), traffic: traffic({ clientReceived: counter(50 * 1.8 * MIB) }) },
      },
      message: 'rejected',
      severity: 'warning',
    },
    {
      name: 'refused small writes',
      member: { m1: { requests: refused(50), puts: puts(100), traffic: traffic() } },
      message: 'invalid',
      severity: 'info',
      role: 'notice',
    },
  ],
  inconclusive: [
    { name: 'no metrics' },
    { name: 'one scrape, no log', member: { m1: { requests: requests([], { total: counter(null) }) } } },
  ],
});
