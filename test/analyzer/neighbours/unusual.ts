/** Clusters in good health under conditions that look like trouble. */
import { counter, gauge, latency, log, WINDOW } from '../../support/fake-facts.js';
import { membership as joined } from '../../support/consensus-facts.js';
import { blockDevices, fsyncProbe, sockets } from '../../support/surroundings.js';
import { versions } from '../rules/integrity/fakes.js';
import { matrix, reads, sameTimers, said, scope } from '../rules/network/links.js';
import { GiB, storage } from '../rules/quota/facts.js';
import {
  hostCpu,
  leases,
  pressure,
  process,
  proposals,
  puts,
  requests,
  sched,
  slowOps,
  traffic,
  watchers,
} from '../rules/resources/values.js';
import { disk, writers } from '../rules/storage/facts.js';
import type { Changes } from './base.js';

const MIB = 1024 * 1024;
const wan = { rtt: { '51.2': 4 }, received: 20_000 };
const allFar = matrix({ '1>2': wan, '2>1': wan, '1>3': wan, '3>1': wan, '2>3': wan, '3>2': wan });
const farSockets = (n: number) => sockets(n, Object.fromEntries([1, 2, 3].map((peer) => [peer, { rttMs: 34 }])));

export const unusual: readonly { readonly name: string; readonly facts: Changes }[] = [
  {
    name: 'batch work at idle priority fills the CPUs, and etcd hardly waits',
    facts: {
      each: { hostPressure: pressure({ cpu: 96 }), processSched: sched({ runQueueWaitShare: 0.06 }) },
      h1: { cpu: hostCpu({ busyPercent: 100, load1PerCpu: 6 }) },
    },
  },
  {
    name: 'a crowded host on which etcd waits, and nothing is late',
    facts: {
      each: {
        hostPressure: pressure({ cpu: 90 }),
        processSched: sched({ runQueueWaitShare: 1.2, waitOfRunnable: 0.8 }),
        walFsync: latency({ 1: 500, 2: 200, 16: 4 }),
        slowOperations: slowOps(2),
      },
      h1: { cpu: hostCpu({ busyPercent: 99 }) },
    },
  },
  {
    name: 'batch I/O at idle priority fills the device, and syncs are short',
    facts: {
      h1: {
        diskActivity: disk({ utilisation: 1, queue: 12, writeAwaitMs: 40 }),
        writers: writers(0.03, { rsync: 200e6 }),
      },
    },
  },
  {
    name: 'members 35 ms apart with timers made for it',
    facts: {
      cluster: { peerMatrix: allFar, config: sameTimers(300, 3000) },
      each: { readLatency: reads([36, 37, 70]) },
      m1: { sockets: farSockets(1) },
      m2: { sockets: farSockets(2) },
      m3: { sockets: farSockets(3) },
    },
  },
  {
    name: 'a large database that is backed up',
    facts: {
      each: {
        storage: storage({
          size: 3 * GiB,
          inUse: 2.4 * GiB,
          quota: 8 * GiB,
          keyCount: 900_000,
          revision: 9_000_000,
          compacted: 8_990_000,
        }),
      },
      m1: {
        puts: puts(3600, 256, { ranges: counter(60), sentBytesPerRange: 50 * MIB }),
        traffic: traffic({ clientSent: counter(3000 * MIB) }),
        requests: requests([], {
          streamMessages: [{ method: 'Snapshot', direction: 'sent', counter: counter(3000 * 32) }],
        }),
        log: log({ 'snapshot-to-client': said(1) }),
      },
    },
  },
  {
    name: 'nine thousand watchers that are up to date',
    facts: {
      m2: { watchers: watchers({ watchers: gauge(9000, 9000), streams: gauge(400, 400), slow: gauge(0, 3, 0) }) },
    },
  },
  {
    name: 'an upgrade is half way',
    facts: { cluster: { versions: versions('3.5.33', '3.5.33', '3.6.14') } },
  },
  {
    name: 'a member that was restarted a minute ago',
    facts: {
      m2: {
        process: process({ startedAt: WINDOW.to - 60_000, starts: [WINDOW.to - 60_000], uptimeSeconds: 60 }),
        walFsync: latency({ 1: 200 }, { sinceStart: { 1: 400, 64: 3 } }),
        leaderChanges: counter(0, 1),
      },
    },
  },
  {
    name: 'a learner that keeps up',
    facts: { cluster: { membership: joined(3, { learners: [3] }) } },
  },
  {
    name: 'disks that take 4 to 8 ms',
    facts: {
      each: { walFsync: latency({ 4: 300, 8: 500, 16: 6 }), fsyncProbe: fsyncProbe(5, 9) },
      h1: {
        diskActivity: disk({ writeAwaitMs: 4, flushAwaitMs: 6, rotational: true }),
        blockDevices: blockDevices({ rotational: true, driver: 'sd' }),
      },
    },
  },
  {
    name: 'a host that sends much again to clients far away',
    facts: { h1: { network: { scopes: [scope('host', 2000, 0.04, 60)] } } },
  },
  {
    name: 'three hundred writes and some thousand renewals a second, in time',
    facts: {
      each: { proposals: proposals(36 * 300, { pending: gauge(2, 9, 4) }), puts: puts(36 * 300) },
      m1: { leases: leases({ renewed: counter(36 * 2500) }), process: process({ cpuCores: 0.9 }) },
    },
  },
  {
    name: 'nobody collected on any host',
    facts: { outside: true },
  },
];
