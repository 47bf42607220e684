import type { BackendCommit } from '../../../../analyzer/facts/values/member.js';
import rule from '../../../../analyzer/rules/storage/backend-commit-slow.js';
import { latency } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { calm, proposals, slowApplies } from './facts.js';

const commit = (buckets: Readonly<Record<string, number>>): BackendCommit => ({
  ...latency(buckets),
  rebalance: null,
  spill: null,
  write: null,
  dominant: { phase: 'spill', share: 0.7 },
});
const fast = latency({ 2: 500 });

ruleTest(rule, {
  pass: [
    { name: 'both fast', member: { m1: { backendCommit: commit({ 8: 300 }), walFsync: fast } } },
    {
      name: 'syncs are slow too: that is the disk',
      member: { m1: { backendCommit: commit({ 256: 300 }), walFsync: latency({ 128: 500 }) } },
    },
    { name: '16-32 ms proves nothing', member: { m1: { backendCommit: commit({ 32: 300 }), walFsync: fast } } },
  ],
  fail: [
    {
      name: 'commits far beyond the batch interval, applies late',
      member: {
        m1: {
          backendCommit: commit({ 512: 300 }),
          walFsync: fast,
          slowOperations: slowApplies(50),
          proposals: proposals(900),
          ...calm,
        },
      },
      message: 'slow',
      severity: 'warning',
      role: 'symptom',
      subjects: ['m1'],
    },
    {
      name: 'above the recommendation, nobody hurt',
      member: { m1: { backendCommit: commit({ 16: 200, 64: 60 }), walFsync: fast } },
      message: 'mild',
      severity: 'info',
      role: 'notice',
    },
    {
      name: 'long, but no apply was late',
      member: { m1: { backendCommit: commit({ 512: 300 }), walFsync: fast, slowOperations: slowApplies(0) } },
      message: 'mild',
      severity: 'info',
    },
  ],
  inconclusive: [
    { name: 'no metrics', member: {} },
    { name: 'too few commits', member: { m1: { backendCommit: commit({ 512: 3 }), walFsync: fast } } },
  ],
});
