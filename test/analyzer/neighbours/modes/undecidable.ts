/** Evidence that leaves the choice between several modes. */
import { counter, gauge, latency, WINDOW } from '../../../support/fake-facts.js';
import { matrix, answering } from '../../rules/network/links.js';
import { leases, process } from '../../rules/resources/values.js';
import { late, slowSyncs, fed, nothing } from './shared.js';
import type { Undecidable } from './types.js';

export const undecidable: readonly Undecidable[] = [
  {
    name: 'late heartbeats and nothing else, from outside',
    facts: { outside: true, m1: late },
    between: ['cpu-starvation-host', 'cpu-cgroup-throttling', 'cpu-steal', 'disk-slow-device'],
    rule: 'cpu-starvation-host',
    missing: /no collector ran on its host/,
  },
  {
    name: 'steal cannot be told from outside',
    facts: { outside: true, m1: late },
    between: ['cpu-steal', 'cpu-starvation-host'],
    rule: 'cpu-steal',
    missing: /no collector ran on its host/,
  },
  {
    name: 'slow syncs from outside: who fills the device is not seen',
    facts: { outside: true, m1: slowSyncs },
    between: ['disk-contention-other-io', 'disk-saturated-by-etcd', 'disk-iops-throttled'],
    rule: 'disk-contention-other-io',
    missing: /no collector ran on its host/,
  },
  {
    name: 'a member that gets next to nothing, and nobody tried to connect',
    facts: {
      cluster: { peerMatrix: matrix({ '2>1': fed(1500), '3>1': fed(3_000_000) }) },
    },
    between: ['mtu-blackhole', 'member-partitioned', 'peer-bandwidth-saturated', 'peer-packet-loss'],
    rule: 'mtu-blackhole',
    missing: /nobody tried a connection/,
  },
  {
    name: 'no round trip and no counters of the kernels',
    facts: {
      outside: true,
      cluster: { peerMatrix: matrix({ '1>2': {}, '2>1': {}, '1>3': {}, '3>1': {}, '2>3': {}, '3>2': {} }) },
    },
    between: ['peer-packet-loss', 'peer-rtt-high'],
    rule: 'peer-packet-loss',
    missing: /neither round trips nor retransmissions/,
  },
  {
    name: 'too few syncs to judge',
    facts: { m1: { walFsync: latency({ 64: 2 }) } },
    between: ['disk-slow-device', 'disk-contention-other-io', 'disk-saturated-by-etcd'],
    rule: 'disk-contention-other-io',
    missing: /.+/,
  },
  {
    name: 'renewals whose growth is not known',
    facts: { each: { leases: leases({ renewed: counter(null) }) } },
    between: ['lease-keepalive-overload', 'lease-expiry-storm'],
    rule: 'lease-keepalive-overload',
    missing: /growth of the renewal counters is unknown/,
  },
  {
    name: 'memory that was looked at for half a minute',
    facts: { each: { process: process({ heapInuseBytes: gauge(4e9, 4.1e9), startedAt: WINDOW.from - 86_400_000 }) } },
    between: ['memory-leak-known-version', 'go-gc-pressure'],
    rule: 'memory-leak-known-version',
    missing: /--prometheus/,
  },
  {
    name: 'a member that nobody asked and whose host nobody saw',
    facts: {
      outside: true,
      m3: { ...nothing, reachability: { ...answering('hung'), kind: 'not-asked', answered: null } },
    },
    between: ['vm-pause-or-steal', 'dead-member-in-list', 'member-partitioned'],
    rule: 'vm-pause-or-steal',
    missing: /.*/,
  },
];
