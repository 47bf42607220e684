/** Members that do not answer. */
import { logAt, membership as joined, reachability as reachable } from '../../../support/consensus-facts.js';
import { sockets } from '../../../support/surroundings.js';
import { matrix, quorum, leaderView } from '../../rules/network/links.js';
import { reach } from '../../rules/resources/values.js';
import { dead, tcpTo, gone, probing, nothing } from './shared.js';
import type { Mode } from './types.js';

export const deadOrHung: readonly Mode[] = [
  {
    mode: 'dead-member-in-list',
    facts: {
      cluster: { membership: joined(3), peerMatrix: gone, quorum: quorum([], [3]) },
      m1: { log: probing },
      m2: { log: probing },
      m3: { ...nothing, reachability: reachable('refused') },
    },
    not: ['vm-pause-or-steal', 'member-partitioned', 'quorum-lost', 'crash-loop', 'peer-port-blocked-asymmetric'],
  },
  {
    mode: 'vm-pause-or-steal',
    facts: {
      cluster: {
        membership: joined(3),
        peerMatrix: matrix({ '1>3': dead, '2>3': dead }, { tcp: [tcpTo(3, true)] }),
        quorum: quorum([], [3]),
      },
      m1: { log: probing },
      m2: { log: probing },
      m3: {
        ...nothing,
        reachability: reach('hung', 'not-answering'),
        sockets: sockets(3, {}, { unreadBytes: 4000, waiting: 3 }),
      },
    },
    not: ['dead-member-in-list', 'member-partitioned', 'cpu-starvation-host', 'disk-stall-intermittent', 'crash-loop'],
  },
  {
    mode: 'quorum-lost',
    facts: {
      cluster: {
        membership: joined(3),
        peerMatrix: matrix({ '1>2': dead, '1>3': dead }, { tcp: [tcpTo(2, false), tcpTo(3, false)] }),
        quorum: quorum([1], [2, 3]),
        leaderView: { ...leaderView([1]), leader: null, rounds: [] },
      },
      m1: { log: logAt({ 'raft-new-election': { at: [-5, 2, 8] } }) },
      m2: { ...nothing, reachability: reachable('refused') },
      m3: { ...nothing, reachability: reachable('refused') },
    },
    not: ['member-partitioned', 'leader-flapping', 'peer-port-blocked-asymmetric'],
  },
  {
    mode: 'crash-loop',
    facts: {
      cluster: { membership: joined(3), peerMatrix: gone, quorum: quorum([], [3]) },
      m3: {
        ...nothing,
        reachability: reachable('refused'),
        log: logAt({}, [
          { at: -400 },
          ...[-300, -200, -100].map((at) => ({ at, orderly: false, words: '{"level":"fatal","msg":"?"}' })),
        ]),
      },
    },
    not: ['vm-pause-or-steal', 'member-partitioned', 'oom-killed', 'liveness-probe-kill-loop'],
  },
];
