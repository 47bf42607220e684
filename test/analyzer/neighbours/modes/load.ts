/** What clients ask for. */
import type { LeaderState } from '../../../../analyzer/facts/values/member.js';
import { counter, gauge, log } from '../../../support/fake-facts.js';
import { said } from '../../rules/network/links.js';
import { leases, process, proposals, puts, sched, slowOps, traffic } from '../../rules/resources/values.js';
import { MIB } from './shared.js';
import type { Mode } from './types.js';

const leads: LeaderState = {
  hasLeader: gauge(1, 1),
  isLeader: gauge(1, 1),
  isLearner: null,
  learnerPromoteFailures: null,
};
export const loads: readonly Mode[] = [
  {
    mode: 'large-range-reads',
    facts: {
      m1: {
        puts: puts(0, null, { ranges: counter(200), sentBytesPerRange: 15 * MIB }),
        traffic: traffic({ clientSent: counter(36 * 80 * MIB) }),
        process: process({ allocBytesPerSecond: 120 * MIB, cpuCores: 0.4 }),
      },
    },
    not: [
      'large-values-or-txns',
      'write-rate-overload',
      'slow-or-too-many-watchers',
      'cpu-starvation-host',
      'disk-slow-device',
    ],
  },
  {
    mode: 'large-values-or-txns',
    facts: { m1: { puts: puts(800, MIB), slowOperations: slowOps(60), proposals: proposals(800) } },
    not: ['write-rate-overload', 'large-range-reads', 'disk-slow-device', 'apply-backlog'],
  },
  {
    mode: 'write-rate-overload',
    facts: {
      m1: {
        proposals: proposals(36 * 3000, { pending: gauge(50, 90), gap: gauge(4000, 5200) }),
        puts: puts(36 * 3000),
        log: log({ 'err-too-many-requests': said(30) }),
      },
    },
    not: [
      'large-values-or-txns',
      'lease-expiry-storm',
      'disk-saturated-by-etcd',
      'disk-slow-device',
      'large-range-reads',
    ],
  },
  {
    mode: 'lease-expiry-storm',
    facts: {
      m1: {
        leases: leases({ expired: counter(36 * 105), revoked: counter(36 * 105) }),
        leaderState: leads,
        heartbeatFailures: counter(6),
      },
    },
    not: ['lease-keepalive-overload', 'write-rate-overload', 'cpu-starvation-host', 'disk-slow-device'],
  },
  {
    mode: 'lease-keepalive-overload',
    facts: {
      m1: {
        leases: leases({ renewed: counter(36 * 6000) }),
        leaderState: leads,
        process: process({ cpuCores: 1.7 }),
        processSched: sched({ runQueueWaitShare: 1.8 }),
      },
    },
    not: ['lease-expiry-storm', 'write-rate-overload', 'cpu-cgroup-throttling', 'disk-slow-device', 'peer-rtt-high'],
  },
];
