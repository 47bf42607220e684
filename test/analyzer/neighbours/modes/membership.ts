/** Who belongs to the cluster. */
import { logAt, membership as joined, reachability as reachable } from '../../../support/consensus-facts.js';
import { quorum } from '../../rules/network/links.js';
import { gone, nothing } from './shared.js';
import type { Mode } from './types.js';

const GONE = '00000000000000f9';
const ODD = '00000000000000dd';
export const memberships: readonly Mode[] = [
  {
    mode: 'cluster-id-mismatch',
    facts: {
      cluster: { membership: joined(3, { clusterIds: { 3: ODD } }) },
      m1: {
        log: logAt({
          'cluster-id-mismatch-server': { at: [2, 12, 22], fields: { 'remote-peer-cluster-id': { [ODD]: 3 } } },
        }),
      },
    },
    not: [
      'removed-member-still-running',
      'member-partitioned',
      'initial-cluster-mismatch',
      'member-already-bootstrapped',
    ],
  },
  {
    mode: 'removed-member-still-running',
    facts: {
      m1: {
        log: logAt({ 'stream-rejected-removed': { at: [-5, 2, 7], fields: { 'remote-peer-id-from': { [GONE]: 3 } } } }),
      },
    },
    not: ['cluster-id-mismatch', 'member-partitioned', 'dead-member-in-list', 'initial-cluster-mismatch'],
  },
  {
    mode: 'initial-cluster-mismatch',
    facts: {
      cluster: { membership: joined(3), peerMatrix: gone, quorum: quorum([], [3]) },
      m3: { ...nothing, reachability: reachable('refused'), log: logAt({ 'member-count-unequal': { at: [-30] } }) },
    },
    not: ['member-already-bootstrapped', 'cluster-id-mismatch', 'member-partitioned', 'vm-pause-or-steal'],
  },
  {
    mode: 'member-already-bootstrapped',
    facts: {
      cluster: { membership: joined(3), peerMatrix: gone, quorum: quorum([], [3]) },
      m3: {
        ...nothing,
        reachability: reachable('refused'),
        log: logAt({ 'already-bootstrapped': { at: [-60, -30] } }),
      },
    },
    not: ['initial-cluster-mismatch', 'cluster-id-mismatch', 'removed-member-still-running', 'vm-pause-or-steal'],
  },
];
