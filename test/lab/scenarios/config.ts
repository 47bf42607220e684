import type { Scenario } from '../scenario.js';

const family = 'config';

export const configScenarios: readonly Scenario[] = [
  {
    id: 'advertises-localhost',
    title: 'A follower advertises localhost to clients',
    family,
    faults: [{ fault: 'advertise-client-url' }],
    quick: true,
  },
  {
    id: 'advertises-nowhere',
    title: 'A follower advertises an address to clients that nobody has',
    family,
    faults: [{ fault: 'advertise-client-url', params: { host: 'nowhere' } }],
  },
  {
    id: 'peer-url-wrong-port',
    title: 'The member list has a port for the peers of a follower where nothing listens',
    family,
    faults: [{ fault: 'peer-url-wrong' }],
  },
  {
    id: 'peer-url-wrong-address',
    title: 'The member list has an address for the leader that nobody has',
    family,
    faults: [{ fault: 'peer-url-wrong', on: 'leader', params: { mistake: 'address' } }],
    truth: {
      causes: ['advertise-url-misconfigured'],
      verdict: ['investigate'],
      fromOneNode: {
        causes: ['advertise-url-misconfigured', 'peer-port-blocked-asymmetric'],
        verdict: ['investigate'],
        missing:
          'where the member listens is known on its own node: an address that nobody has looks like a closed port',
      },
    },
  },
  {
    id: 'without-fsync',
    title: 'All members run with --unsafe-no-fsync',
    family,
    faults: [{ fault: 'unsafe-flags', on: 'all' }],
    versions: ['3.5', '3.6', '3.7'],
    // Nothing has been lost yet; with the next power failure it will be (severity high in the catalogue).
    truth: { causes: ['unsafe-flags'], verdict: ['investigate'], subject: 'any' },
  },
  {
    id: 'without-reconfig-check',
    title: 'A follower runs with --strict-reconfig-check=false',
    family,
    faults: [{ fault: 'unsafe-flags', params: { flag: '--strict-reconfig-check=false' } }],
    truth: {
      causes: [],
      verdict: ['healthy'],
      also: { 'unsafe-flags': 'the flag is in force' },
    },
  },
  {
    id: 'force-new-cluster',
    title: 'A follower was restarted with --force-new-cluster during a partition; when it healed the others ended',
    family,
    faults: [{ fault: 'force-new-cluster' }],
  },
  {
    id: 'force-new-cluster-during-partition',
    title: 'The leader was cut off and restarted with --force-new-cluster: two clusters under one id',
    family,
    faults: [{ fault: 'force-new-cluster', on: 'leader', params: { healed: false } }],
    truth: {
      causes: ['unsafe-flags'],
      verdict: ['intervene-now'],
      also: {
        'data-inconsistency-between-members': 'two leaders take different writes under one cluster id',
        'member-partitioned': 'it is cut off from the others',
        'removed-member-still-running': 'in its own member list it is alone',
        'dead-member-in-list': 'from the nodes of the others it looks dead',
      },
      fromOneNode: {
        causes: ['member-partitioned', 'dead-member-in-list'],
        verdict: ['intervene-now'],
        missing: 'the flag is on the node that is cut off',
      },
    },
  },
  {
    id: 'prevote-off-flapping-link',
    title: 'Pre-vote is off and the link of a follower comes and goes',
    family,
    faults: [{ fault: 'prevote-disabled' }],
    settle: 20,
  },
];
