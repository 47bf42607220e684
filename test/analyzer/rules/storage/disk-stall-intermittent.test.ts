import type { BackendCommit } from '../../../../analyzer/facts/values/member.js';
import rule from '../../../../analyzer/rules/storage/disk-stall-intermittent.js';
import { counter, latency, log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { calm } from './facts.js';

const commit = (counts: Readonly<Record<number, number>>): BackendCommit => ({
  ...latency(counts),
  rebalance: null,
  spill: null,
  write: null,
  dominant: null,
});

ruleTest(rule, {
  pass: [
    { name: 'fast syncs', member: { m1: { walFsync: latency({ 2: 500 }), log: log() } } },
    { name: 'all syncs are slow', member: { m1: { walFsync: latency({ 512: 200, 2048: 10 }), log: log() } } },
    {
      name: 'one long sync at the start',
      member: {
        m1: { walFsync: latency({ 2: 500 }), log: log({ 'wal-slow-fdatasync': { before: 1, worstSeconds: 1.4 } }) },
      },
    },
    {
      name: 'long syncs of months ago',
      member: { m1: { walFsync: latency({ 2: 500 }, { sinceStart: { 2: 900000, 2048: 40 } }), log: log() } },
    },
    {
      name: 'a single long commit, as of a large transaction',
      member: {
        m1: { walFsync: latency({ 2: 500 }), backendCommit: commit({ 4: 200, 2048: 1 }), log: log(), ...calm },
      },
    },
  ],
  fail: [
    {
      name: 'a file system that freezes: commits hang, syncs never begin',
      member: {
        m1: { walFsync: latency({ 2: 500 }), backendCommit: commit({ 4: 200, 4096: 3 }), log: log(), ...calm },
      },
      message: 'now',
      when: 'now',
      subjects: ['m1'],
    },
    {
      name: 'writes to the WAL that hang',
      member: { m1: { walFsync: latency({ 2: 500 }), walWrite: latency({ 1: 500, 4096: 1 }), log: log(), ...calm } },
      message: 'now',
      when: 'now',
    },
    {
      name: 'a stall in the window',
      member: { m1: { walFsync: latency({ 2: 500, 4096: 1 }), log: log(), ...calm } },
      message: 'now',
      severity: 'warning',
      when: 'now',
      subjects: ['m1'],
    },
    {
      name: 'stalls and an election',
      member: {
        m1: {
          walFsync: latency({ 2: 500, 4096: 4 }),
          leaderChanges: counter(1),
          log: log({ 'wal-slow-fdatasync': { inWindow: 4 } }),
          ...calm,
        },
      },
      message: 'now',
      severity: 'high',
    },
    {
      name: 'several stalls before the window',
      member: {
        m1: { walFsync: latency({ 2: 500 }), log: log({ 'wal-slow-fdatasync': { before: 5, worstSeconds: 3.2 } }) },
      },
      message: 'past',
      when: 'past',
      severity: 'warning',
    },
  ],
  inconclusive: [
    { name: 'no metrics', member: {} },
    {
      name: 'a single scrape and no log',
      member: { m1: { walFsync: latency(null, { sinceStart: { 2: 500, 2048: 9 } }) } },
    },
  ],
});
