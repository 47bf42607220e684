import assert from 'node:assert/strict';
import { test } from 'node:test';
import rule from '../../../../analyzer/rules/lifecycle/liveness-probe-kill-loop.js';
import { logAt, reachability } from '../../../support/consensus-facts.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest, runScenario } from '../../../support/rule-tester.js';

const stops = (at: readonly number[]) => ({ 'signal-shutdown': { at } });
const starts = (at: readonly number[]) => at.map((second) => ({ at: second + 3, orderly: true }));
const failing = { 'health-no-leader': { at: [-910, -610, -310] } };
const often = [-900, -600, -300];

ruleTest(rule, {
  pass: [
    { name: 'no stop', member: { m1: { log: log() } } },
    { name: 'a rolling restart', member: { m1: { log: logAt({ ...stops([-300]), ...failing }, starts([-300])) } } },
    { name: 'several restarts by hand, always healthy', member: { m1: { log: logAt(stops(often), starts(often)) } } },
    {
      name: 'checks failed only afterwards',
      member: { m1: { log: logAt({ ...stops(often), 'health-error': { at: [-100] } }, starts(often)) } },
    },
    {
      name: 'crashes',
      member: {
        m1: {
          log: logAt(
            failing,
            often.map((at) => ({ at, orderly: false })),
          ),
        },
      },
    },
  ],
  fail: [
    {
      name: 'killed again and again',
      member: {
        m1: { log: logAt({ ...stops(often), ...failing }, starts(often)), reachability: reachability('answering') },
      },
      message: 'now',
      severity: 'high',
      subjects: ['m1'],
    },
    {
      name: 'over for half an hour',
      member: {
        m1: {
          log: logAt(
            { ...stops([-3300, -2900, -2500]), 'health-error': { at: [-3310] } },
            starts([-3300, -2900, -2500]),
          ),
          reachability: reachability('answering'),
        },
      },
      message: 'past',
      severity: 'warning',
      when: 'past',
    },
  ],
  inconclusive: [{ name: 'no log' }],
});

test('events of the kubelet back it up', () => {
  const { findings } = runScenario(rule, {
    name: 'the kubelet says so too, and the manifest has the probe',
    cluster: {
      controlPlane: {
        pods: [],
        ailingNodes: [],
        nodes: 1,
        leases: [],
        warnings: [{ component: 'etcd', reason: 'Unhealthy', count: 24, last: null }],
      },
      staticPods: {
        pods: [
          {
            host: 'h1',
            component: 'etcd',
            flags: {},
            probes: [
              {
                kind: 'liveness',
                asks: 'http://:2381/health',
                periodSeconds: 10,
                timeoutSeconds: 1,
                failureThreshold: 3,
              },
            ],
          },
        ],
      },
    },
    member: { m1: { log: logAt({ ...stops(often), ...failing }, starts(often)) } },
  });
  const evidence = findings[0]?.evidence.find(({ text }) => text === 'The kubelet reports failed probes of etcd');
  assert.equal(evidence?.state, 'present');
});
