/** Disks and CPUs. */
import { counter, gauge, latency } from '../../../support/fake-facts.js';
import { fsyncProbe } from '../../../support/surroundings.js';
import { cgroup, hostCpu, pressure, process, proposals, puts, sched } from '../../rules/resources/values.js';
import { cgroup as limited, disk, filesystem, writers } from '../../rules/storage/facts.js';
import { late, slowSyncs } from './shared.js';
import type { Mode } from './types.js';

const tail = { walFsync: latency({ 1: 400, 2: 50, 128: 20 }), heartbeatFailures: counter(8) };
const busyDisk = disk({
  utilisation: 0.99,
  queue: 9,
  writeAwaitMs: 60,
  writesPerSecond: 900,
  writeBytesPerSecond: 4e7,
});

export const disks: readonly Mode[] = [
  {
    mode: 'disk-slow-device',
    facts: {
      m1: { ...slowSyncs, fsyncProbe: fsyncProbe(70, 140) },
      h1: { diskActivity: disk({ utilisation: 0.3, queue: 0.5, writeAwaitMs: 60, flushAwaitMs: 80 }) },
    },
    not: [
      'disk-contention-other-io',
      'disk-saturated-by-etcd',
      'disk-stall-intermittent',
      'disk-iops-throttled',
      'cpu-starvation-host',
      'cpu-cgroup-throttling',
      'peer-rtt-high',
      'write-rate-overload',
    ],
  },
  {
    mode: 'disk-contention-other-io',
    facts: { m1: slowSyncs, h1: { diskActivity: busyDisk, writers: writers(0.05, { rsync: 90_000_000 }) } },
    not: ['disk-slow-device', 'disk-saturated-by-etcd', 'disk-iops-throttled', 'cpu-starvation-host'],
  },
  {
    mode: 'disk-saturated-by-etcd',
    facts: {
      m1: { ...slowSyncs, proposals: proposals(20_000, { pending: gauge(40, 50, 45) }), puts: puts(20_000, 40_000) },
      h1: { diskActivity: busyDisk, writers: writers(0.95) },
    },
    not: ['disk-slow-device', 'disk-contention-other-io', 'disk-iops-throttled', 'cpu-starvation-host'],
  },
  {
    mode: 'disk-iops-throttled',
    facts: {
      m1: {
        walFsync: latency({ 1024: 200 }),
        heartbeatFailures: counter(30),
        cgroup: limited(null, '8:0 rbps=max wbps=max riops=max wiops=8'),
        fsyncProbe: fsyncProbe(1, 3),
      },
    },
    not: ['disk-slow-device', 'disk-contention-other-io', 'disk-saturated-by-etcd', 'cpu-cgroup-throttling'],
  },
  {
    mode: 'disk-stall-intermittent',
    facts: { m1: { walFsync: latency({ 2: 500, 4096: 3 }) } },
    not: ['disk-slow-device', 'vm-pause-or-steal', 'cpu-starvation-host', 'disk-contention-other-io'],
  },
  {
    mode: 'filesystem-readonly-or-eio',
    facts: { h1: { filesystems: filesystem({ readOnly: true, options: ['ro'] }) } },
    not: ['disk-full-enospc', 'disk-slow-device', 'quota-nospace-live-data'],
  },
  {
    mode: 'disk-full-enospc',
    facts: { h1: { filesystems: filesystem({ availableBytes: '0', usedShare: 1 }) } },
    not: ['filesystem-readonly-or-eio', 'quota-nospace-live-data', 'quota-nospace-no-compaction'],
  },
];

export const cpus: readonly Mode[] = [
  {
    mode: 'cpu-starvation-host',
    facts: {
      m1: { ...tail, processSched: sched({ runQueueWaitShare: 1.8 }), hostPressure: pressure({ cpu: 92 }) },
      h1: { cpu: hostCpu({ busyPercent: 99 }) },
    },
    not: [
      'disk-slow-device',
      'disk-stall-intermittent',
      'cpu-cgroup-throttling',
      'cpu-steal',
      'peer-rtt-high',
      'peer-packet-loss',
      'vm-pause-or-steal',
    ],
  },
  {
    mode: 'cpu-cgroup-throttling',
    facts: { m1: { ...tail, cgroup: cgroup(0.5), process: process({ cpuCores: 0.45 }) } },
    not: ['disk-slow-device', 'cpu-starvation-host', 'cpu-steal', 'disk-stall-intermittent', 'peer-rtt-high'],
  },
  {
    mode: 'cpu-steal',
    facts: { m1: late, h1: { cpu: hostCpu({ stealPercent: 33 }) } },
    not: ['cpu-starvation-host', 'cpu-cgroup-throttling', 'disk-slow-device', 'vm-pause-or-steal'],
  },
];
