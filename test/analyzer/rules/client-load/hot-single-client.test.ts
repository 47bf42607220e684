import rule from '../../../../analyzer/rules/client-load/hot-single-client.js';
import type { LogCount } from '../../../../analyzer/facts/values/member.js';
import { log, WINDOW } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';

const from = (remotes: Readonly<Record<string, number>>): LogCount['stats'] => {
  const count = Object.values(remotes).reduce((sum, each) => sum + each, 0);
  const top = Object.entries(remotes).map(([value, each]) => ({ value, count: each }));
  return [
    {
      id: 'request-stats',
      group: 'request-stats',
      count,
      timed: count,
      numbers: new Map(),
      texts: new Map([['remote', { top, others: 0, last: top[0]?.value ?? '' }]]),
      series: { widthMs: 1000, buckets: [] },
      recent: [WINDOW.from + 1],
      recentComplete: true,
      samples: [],
    },
  ];
};

ruleTest(rule, {
  pass: [
    { name: 'no slow requests', member: { m1: { log: log() } } },
    {
      name: 'all from one address: nothing stands out',
      member: {
        m1: {
          log: log({ 'request-stats': { inWindow: 50, stats: from({ '127.0.0.1:4000': 30, '127.0.0.1:4001': 20 }) } }),
        },
      },
    },
    {
      name: 'spread evenly',
      member: {
        m1: { log: log({ 'request-stats': { inWindow: 40, stats: from({ '10.0.0.8:1': 20, '10.0.0.9:1': 20 }) } }) },
      },
    },
    {
      name: 'too few',
      member: {
        m1: { log: log({ 'request-stats': { inWindow: 5, stats: from({ '10.0.0.8:1': 4, '10.0.0.9:1': 1 }) } }) },
      },
    },
  ],
  fail: [
    {
      name: 'four fifths from one address, over several connections',
      member: {
        m1: {
          log: log({
            'request-stats': { inWindow: 100, stats: from({ '10.0.0.8:1': 45, '10.0.0.8:2': 40, '10.0.0.9:1': 15 }) },
          }),
        },
      },
      message: 'one',
      severity: 'info',
      role: 'notice',
      subjects: ['m1'],
    },
  ],
  inconclusive: [{ name: 'no log' }, { name: 'an old log', member: { m1: { log: log({}, { coversWindow: false }) } } }],
});
