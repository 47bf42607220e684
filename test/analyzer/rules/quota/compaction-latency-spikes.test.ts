import type { Versions } from '../../../../analyzer/facts/values/cluster.js';
import rule from '../../../../analyzer/rules/quota/compaction-latency-spikes.js';
import { counter, latency } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';
import { proposals, slowApplies } from '../storage/facts.js';
import { storage } from './facts.js';

const long = latency({ 8192: 1 });
const versions: Versions = {
  members: [{ member: memberId(1), server: '3.5.17', cluster: '3.5', storage: null, go: null, by: 'status' }],
  server: ['3.5.17'],
  cluster: ['3.5'],
  mixed: false,
  downgrade: null,
};
const late = { slowOperations: slowApplies(60), proposals: proposals(900) };

ruleTest(rule, {
  pass: [
    { name: 'no compaction', member: { m1: { storage: storage({ compactionTotal: latency({}) }), ...late } } },
    {
      name: 'a long one that nobody felt',
      member: {
        m1: {
          storage: storage({ compactionTotal: long, compactionPause: latency({ 8: 90 }) }),
          slowOperations: slowApplies(0),
          proposals: proposals(900),
        },
      },
    },
    {
      name: 'short batches, applies late for another reason',
      member: { m1: { storage: storage({ compactionTotal: long, compactionPause: latency({ 8: 90 }) }), ...late } },
    },
    {
      name: 'a short one',
      member: {
        m1: { storage: storage({ compactionTotal: latency({ 64: 1 }), compactionPause: latency({ 8: 1 }) }), ...late },
      },
    },
  ],
  fail: [
    {
      name: 'long batches and late applies',
      member: {
        m1: {
          storage: storage({
            compactionTotal: long,
            compactionPause: latency({ 256: 30 }),
            compactedKeys: counter(400_000),
          }),
          ...late,
        },
      },
      message: 'slow',
      severity: 'warning',
      role: 'cause',
      subjects: ['m1'],
    },
    {
      name: 'a release without pauses',
      cluster: { versions },
      member: { m1: { storage: storage({ compactionTotal: long, compactionPause: latency({ 8: 1 }) }), ...late } },
      message: 'slow',
      confidence: 'medium',
    },
  ],
  inconclusive: [
    { name: 'no metrics', member: {} },
    { name: 'neither compaction metrics nor log', member: { m1: { storage: storage(), ...late } } },
  ],
});
