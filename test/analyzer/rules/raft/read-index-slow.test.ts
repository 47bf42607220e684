import rule from '../../../../analyzer/rules/raft/read-index-slow.js';
import type { AttemptStats } from '../../../../analyzer/facts/values/common.js';
import { logAt, reachability } from '../../../support/consensus-facts.js';
import { counter, log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';

const attempts = (ms: number | null): AttemptStats => ({
  attempts: 5,
  ok: ms === null ? 0 : 5,
  failed: ms === null ? 5 : 0,
  minMs: ms,
  medianMs: ms,
  maxMs: ms,
  codes: {},
  ms: [],
});
const reads = (serializable: number | null, linearizable: number | null) => ({
  connectMs: 1,
  serializable: attempts(serializable),
  linearizable: attempts(linearizable),
});
const up = reachability('answering');

ruleTest(rule, {
  pass: [
    { name: 'fast', member: { m1: { reachability: up, readLatency: reads(1, 2), log: log() } } },
    { name: 'round trips of 80 ms', member: { m1: { reachability: up, readLatency: reads(1, 160), log: log() } } },
    {
      name: 'a large database: everything is slow',
      member: { m1: { reachability: up, readLatency: reads(700, 900) } },
    },
    {
      name: 'one retry at an election',
      member: { m1: { reachability: up, readLatency: reads(1, 2), log: logAt({ 'readindex-slow': { at: [4] } }) } },
    },
    {
      name: 'one retry, whose second answer is counted',
      member: {
        m1: {
          reachability: up,
          readLatency: reads(1, 140),
          log: logAt({ 'readindex-slow': { at: [4] } }),
          slowOperations: { apply: null, readIndexSlow: counter(1), readIndexFailed: null },
        },
      },
    },
    {
      name: 'retries before the window',
      member: {
        m1: {
          reachability: up,
          readLatency: reads(1, 2),
          log: logAt({ 'readindex-slow': { at: [-40, -39, -38, -37] }, 'readindex-timeout': { at: [-36] } }),
        },
      },
    },
    {
      name: 'nothing answers at all',
      member: { m1: { reachability: reachability('hung'), readLatency: reads(null, null) } },
    },
  ],
  fail: [
    {
      name: 'retries in the window',
      member: { m1: { reachability: up, log: logAt({ 'readindex-slow': { at: [1, 2, 3, 4] } }) } },
      message: 'slow',
      severity: 'warning',
      role: 'symptom',
      subjects: ['m1'],
    },
    {
      name: 'counted, without a log',
      member: {
        m1: {
          reachability: up,
          readLatency: reads(1, 140),
          slowOperations: { apply: null, readIndexSlow: counter(5), readIndexFailed: null },
        },
      },
      message: 'slow',
      severity: 'warning',
    },
    {
      name: 'the probe sees it',
      member: {
        m1: {
          reachability: up,
          readLatency: reads(2, 900),
          slowOperations: { apply: null, readIndexSlow: counter(0), readIndexFailed: null },
        },
      },
      message: 'slow',
      severity: 'warning',
    },
    {
      name: 'linearizable reads fail',
      member: { m2: { reachability: up, readLatency: reads(2, null) } },
      message: 'failing',
      severity: 'high',
      subjects: ['m2'],
    },
  ],
  inconclusive: [
    { name: 'nothing asked' },
    { name: 'neither probe nor log nor counters', member: { m1: { reachability: up } } },
  ],
});
