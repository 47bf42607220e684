import type { Scenario } from '../scenario.js';

const family = 'raft';

export const raftScenarios: readonly Scenario[] = [
  {
    id: 'killed-follower',
    title: 'a follower was killed and stays dead',
    family,
    faults: [{ fault: 'kill', on: 'follower' }],
  },
  {
    id: 'killed-leader',
    title: 'the leader was killed and stays dead',
    family,
    faults: [{ fault: 'kill', on: 'leader' }],
    quick: true,
  },
  {
    id: 'quorum-lost',
    title: 'two of three members were killed',
    family,
    faults: [{ fault: 'quorum-lost', on: 'majority' }],
    quick: true,
  },
  {
    id: 'leader-pauses',
    title: 'whoever leads stands still for longer than the election timeout, again and again',
    family,
    faults: [{ fault: 'leader-flap' }],
    settle: 20,
  },
  {
    id: 'election-mistuned-delay',
    title: 'an election timeout of 60 ms, and round trips of that order',
    family,
    // With both ends delayed a round trip takes 80 ms, more or less: longer than the 60 to 120 ms that a member waits, now and then.
    faults: [{ fault: 'election-mistuned' }, { fault: 'net-delay', on: 'all', params: { ms: 20, jitterMs: 20 } }],
  },
  {
    id: 'timers-differ',
    title: 'one member has a heartbeat interval and an election timeout five times those of the others',
    family,
    faults: [{ fault: 'timers-differ' }],
  },
  {
    id: 'crash-loop-follower',
    title: 'a follower is killed five seconds after every start',
    family,
    faults: [{ fault: 'crash-loop', on: 'follower' }],
    settle: 25,
  },
];
