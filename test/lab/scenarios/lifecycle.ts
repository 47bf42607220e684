import type { Scenario } from '../scenario.js';

const family = 'lifecycle';

export const lifecycleScenarios: readonly Scenario[] = [
  {
    id: 'removed-member-restarted',
    title: 'A replaced member: the service of the old one was left on and is started again and again',
    family,
    faults: [{ fault: 'removed-member-running' }],
  },
  {
    id: 'removed-member-cut-off',
    title: 'A leader that was cut off was removed, and its process never learned of it',
    family,
    faults: [{ fault: 'removed-member-running', on: 'leader', params: { how: 'cut-off', replaced: false } }],
    truth: {
      causes: ['removed-member-still-running'],
      verdict: ['investigate'],
      also: {
        'member-partitioned': 'it has no link to the others',
        'even-or-insufficient-members': 'two voters are left',
      },
      fromOneNode: {
        causes: [],
        verdict: ['healthy', 'inconclusive'],
        missing: 'the removed member is cut off from the nodes of the others too, and in no list',
      },
    },
  },
  {
    id: 'cluster-id-mismatch-alone',
    title: 'A member lost its disk and founded a cluster of one at its old address',
    family,
    faults: [{ fault: 'cluster-id-mismatch' }],
    quick: true,
  },
  {
    id: 'cluster-id-mismatch-joining',
    title: 'A member lost its disk and was started with a new token and all peers in its list',
    family,
    faults: [{ fault: 'cluster-id-mismatch', on: 'leader', params: { alone: false } }],
    truth: {
      causes: ['cluster-id-mismatch'],
      verdict: ['intervene-now'],
      also: { 'dead-member-in-list': 'the member of the old cluster at this address does not run any more' },
      fromOneNode: {
        causes: ['cluster-id-mismatch', 'dead-member-in-list'],
        verdict: ['intervene-now', 'investigate'],
        subject: 'any',
        missing:
          'lines about a foreign cluster id do not say who it is, and from outside the process looks dead or hung',
      },
    },
  },
  {
    id: 'learner-never-started',
    title: 'A learner was added and its process never started',
    family,
    faults: [{ fault: 'learner-never-started' }],
  },
  {
    id: 'learner-cut-off',
    title: 'A learner joined, lost the network and cannot be promoted',
    family,
    faults: [{ fault: 'learner-stuck' }],
  },
  {
    id: 'learner-too-slow',
    title: 'A learner behind a link of 16 kbit/s falls ever further behind and cannot be promoted',
    family,
    faults: [{ fault: 'learner-stuck', params: { how: 'slow' } }],
    truth: {
      // Its link was made slow: naming that names what was done.
      causes: ['learner-stuck', 'peer-rtt-high'],
      verdict: ['investigate'],
      also: {
        'slow-follower-lag': 'it is behind, which is why it cannot be promoted',
        'follower-snapshot-loop': 'the leader may send it a snapshot, which does not arrive in time',
        'peer-packet-loss': 'the link drops what does not fit',
        'member-partitioned': 'connections over so slow a link run into time-outs',
      },
    },
  },
  {
    id: 'voter-never-started',
    title: 'A fourth member was added as a voter and never started',
    family,
    faults: [{ fault: 'voter-never-started' }],
  },
  {
    id: 'join-with-missing-member',
    title: 'A new member cannot join: one member is missing in its --initial-cluster',
    family,
    faults: [{ fault: 'initial-cluster-mismatch' }],
  },
  {
    id: 'join-with-wrong-peer-url',
    title: 'A new member cannot join: its --initial-cluster has a wrong URL for another member',
    family,
    faults: [{ fault: 'initial-cluster-mismatch', params: { mistake: 'peer-url' } }],
  },
  {
    id: 'join-with-wrong-name',
    title: 'A new member cannot join: its own name is not in its --initial-cluster',
    family,
    faults: [{ fault: 'initial-cluster-mismatch', params: { mistake: 'name' } }],
  },
  {
    id: 'volume-not-mounted',
    title: 'A follower starts on an empty data dir with the flags of the first day',
    family,
    faults: [{ fault: 'member-already-bootstrapped' }],
  },
  {
    id: 'volume-not-mounted-leader',
    title: 'The leader starts on an empty data dir with the flags of the first day',
    family,
    faults: [{ fault: 'member-already-bootstrapped', on: 'leader' }],
  },
  {
    id: 'four-voters',
    title: 'A healthy cluster of four voters',
    family,
    faults: [{ fault: 'even-members' }],
  },
];
