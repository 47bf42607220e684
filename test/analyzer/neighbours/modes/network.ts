/** Links between members. */
import { counter, gauge, log } from '../../../support/fake-facts.js';
import { memberId } from '../../../support/rule-tester.js';
import { netConfig, routes, sockets } from '../../../support/surroundings.js';
import { connects, leaderView, matrix, quorum, reads, said, scope } from '../../rules/network/links.js';
import { dead, fed } from './shared.js';
import type { Mode } from './types.js';

const far = { rtt: { '102.4': 4 }, received: 20_000 };
const jump = { rtt: { '0.8': 2, '204.8': 2 }, received: 9000 };
const waits = { rtt: { '102.4': 3 }, received: 4_000_000 };

export const networks: readonly Mode[] = [
  {
    mode: 'peer-rtt-high',
    facts: {
      cluster: {
        peerMatrix: matrix(
          { '1>2': far, '2>1': far, '1>3': far, '3>1': far },
          { tcp: [connects(1, [80, 81, 82], 'h2')] },
        ),
      },
      each: { readLatency: reads([80, 82, 90]) },
      m1: { readLatency: reads([80, 82, 90]), sockets: sockets(1, { 2: { rttMs: 81 }, 3: { rttMs: 80 } }) },
      m2: { sockets: sockets(2, { 1: { rttMs: 82 } }) },
      m3: { sockets: sockets(3, { 1: { rttMs: 80 } }) },
    },
    not: ['peer-packet-loss', 'peer-bandwidth-saturated', 'cpu-starvation-host', 'mtu-blackhole', 'disk-slow-device'],
  },
  {
    mode: 'peer-packet-loss',
    facts: {
      cluster: { peerMatrix: matrix({ '1>2': jump, '2>1': jump, '2>3': jump, '3>2': jump }) },
      m1: { sockets: sockets(1, { 2: { resent: 60, timeouts: 1 } }) },
      m2: { sockets: sockets(2, { 1: { resent: 70, timeouts: 2 }, 3: { resent: 30 } }) },
      h1: { network: { scopes: [scope('host', 900, 0.02, 12)] } },
      h2: { network: { scopes: [scope('host', 1900, 0.06, 40)] } },
    },
    not: [
      'peer-rtt-high',
      'mtu-blackhole',
      'member-partitioned',
      'peer-port-blocked-asymmetric',
      'cpu-starvation-host',
    ],
  },
  {
    mode: 'mtu-blackhole',
    facts: {
      cluster: {
        peerMatrix: matrix(
          { '2>1': fed(1500), '3>1': fed(3_000_000) },
          { tcp: [connects(1, [1, 1, 2], 'h2'), connects(2, [1, 1, 1], 'h1')] },
        ),
      },
      m1: { log: log({ 'raft-drop-send': said(800) }) },
      h1: {
        network: { scopes: [scope('host', 240, 0.01, 120)] },
        netConfig: netConfig({ routes: routes({ 2: 9000, 3: 9000 }) }),
      },
      h2: {
        network: { scopes: [scope('host', 90, 0.01, 46)] },
        netConfig: netConfig({ routes: routes({ 1: 1500, 3: 1500 }) }),
      },
    },
    not: ['peer-packet-loss', 'member-partitioned', 'peer-bandwidth-saturated', 'cpu-starvation-host'],
  },
  {
    mode: 'peer-bandwidth-saturated',
    facts: {
      cluster: {
        peerMatrix: matrix(
          { '2>1': waits, '1>2': waits, '3>1': fed(30_000_000) },
          {
            tcp: [
              connects(2, [90, 95, 130], 'h1'),
              connects(1, [85, 92, 120], 'h2'),
              connects(3, [0.4, 0.5, 0.6], 'h1'),
            ],
          },
        ),
      },
      m1: { sockets: sockets(1, { 2: { rttMs: 95, unackedBytes: 90_000 } }) },
      m2: { sockets: sockets(2, { 1: { rttMs: 93 } }) },
    },
    not: ['peer-packet-loss', 'mtu-blackhole', 'member-partitioned', 'disk-slow-device'],
  },
  {
    mode: 'member-partitioned',
    facts: {
      cluster: {
        peerMatrix: matrix({ '1>2': dead, '2>1': dead, '2>3': dead, '3>2': dead }),
        quorum: quorum([2]),
        leaderView: leaderView([2]),
      },
      m2: {
        log: log({
          'prober-unhealthy': said(8, { 'remote-peer-id': [memberId(1), memberId(3)] }),
          'raft-new-election': said(5),
        }),
        sockets: sockets(2, { 1: { diallingRounds: 4, established: 0 }, 3: { diallingRounds: 4, established: 0 } }),
      },
    },
    not: [
      'dead-member-in-list',
      'vm-pause-or-steal',
      'peer-port-blocked-asymmetric',
      'peer-packet-loss',
      'tls-san-mismatch',
      'mtu-blackhole',
    ],
  },
  {
    mode: 'peer-port-blocked-asymmetric',
    facts: {
      cluster: { peerMatrix: matrix({ '1>2': dead, '3>2': dead }) },
      m1: { sockets: sockets(1, { 2: { receivedOverOwnCalls: 0 } }) },
      m3: { sockets: sockets(3, { 2: { receivedOverOwnCalls: 0 } }) },
      m2: {
        log: log({ 'readindex-slow': said(20) }),
        proposals: { pending: gauge(1, 1), failed: counter(4), committed: null, applied: null, gap: null },
      },
    },
    not: ['member-partitioned', 'dead-member-in-list', 'peer-packet-loss', 'tls-san-mismatch', 'vm-pause-or-steal'],
  },
];
