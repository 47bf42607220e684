import assert from 'node:assert/strict';
import { test } from 'node:test';
import rule from '../../../../analyzer/rules/lifecycle/crash-loop.js';
import { logAt, processOf, quorum, reachability } from '../../../support/consensus-facts.js';
import { log, WINDOW } from '../../../support/fake-facts.js';
import { ruleTest, runScenario } from '../../../support/rule-tester.js';

const crash = (at: number, words?: string) => ({ at, orderly: false, ...(words === undefined ? {} : { words }) });
const fatal = '{"level":"fatal","msg":"failed to open database"}';

ruleTest(rule, {
  pass: [
    { name: 'one start', member: { m1: { log: logAt({}, [{ at: -500 }]) } } },
    {
      name: 'restarted by hand several times',
      member: {
        m1: {
          log: logAt(
            {},
            [-900, -600, -300, -100].map((at) => ({ at, orderly: true })),
          ),
        },
      },
    },
    { name: 'crashed once and came back', member: { m1: { log: logAt({}, [{ at: -500 }, crash(-100)]) } } },
    { name: 'crashes yesterday', member: { m1: { log: logAt({}, [crash(-90_000), crash(-89_000), crash(-88_000)]) } } },
    { name: 'a log window without a start', member: { m1: { log: log() } } },
    {
      name: 'from outside: restarted once, and back',
      member: {
        m1: {
          process: { ...processOf(4000), starts: [WINDOW.from, WINDOW.from + 13_000], restartedInWindow: true },
          reachability: {
            ...reachability('refused'),
            kind: 'intermittent',
            answered: true,
            answeredRounds: [0, 2, 3],
            failedRounds: [1],
            reasons: { 'connection-refused': 2 },
          },
        },
      },
    },
    { name: 'remote only, up for days', member: { m1: { process: processOf(200_000) } } },
  ],
  fail: [
    {
      name: 'from outside: replaced within the window, and gone at its end',
      member: {
        m1: {
          process: { ...processOf(3), starts: [WINDOW.from, WINDOW.from + 13_000], restartedInWindow: true },
          reachability: {
            ...reachability('refused'),
            kind: 'intermittent',
            answered: true,
            answeredRounds: [0, 1],
            failedRounds: [2, 3],
            reasons: { 'connection-refused': 4 },
          },
        },
      },
      message: 'now',
      when: 'now',
      subjects: ['m1'],
    },
    {
      name: 'three crashes, down now',
      member: {
        m1: {
          log: logAt({}, [{ at: -400 }, crash(-300, fatal), crash(-200, fatal), crash(-100, fatal)]),
          reachability: reachability('refused'),
        },
      },
      message: 'now',
      severity: 'high',
      role: 'cause',
      when: 'now',
      subjects: ['m1'],
    },
    {
      name: 'and without it no quorum',
      cluster: { quorum: quorum(3, [1, 2], [3]) },
      member: {
        m1: { log: logAt({}, [crash(-300), crash(-200), crash(-100)]), reachability: reachability('refused') },
      },
      message: 'now',
      severity: 'critical',
    },
    {
      name: 'over for half an hour',
      member: {
        m1: {
          log: logAt({}, [crash(-3000), crash(-2800), crash(-2600), crash(-2400)]),
          reachability: reachability('answering'),
          process: processOf(2400),
        },
      },
      message: 'past',
      severity: 'warning',
      when: 'past',
    },
    {
      name: 'seen between scrapes, without a log',
      member: { m2: { process: processOf(3, 4), reachability: reachability('intermittent') } },
      message: 'now',
      severity: 'high',
      subjects: ['m2'],
    },
  ],
  inconclusive: [
    { name: 'neither log nor metrics' },
    { name: 'metrics of a young process alone', member: { m1: { process: processOf(600) } } },
  ],
});

test('quotes the last words of the newest run that had any', () => {
  const result = runScenario(rule, {
    name: 'last words',
    member: {
      m1: {
        log: logAt({}, [{ at: -400 }, crash(-300, fatal), crash(-200), crash(-100, 'panic: page 7 already freed')]),
      },
    },
  });
  assert.match(result.findings[0]?.message ?? '', /Last words: panic: page 7 already freed$/);
});
