import { neededSnapTruth } from '../faults/integrity/corrupt-snap.js';
import { lostTailTruth } from '../faults/integrity/torn-wal.js';
import type { Scenario } from '../scenario.js';

const family = 'integrity';

export const integrityScenarios: readonly Scenario[] = [
  {
    id: 'corrupt-wal-follower',
    title: 'a record in the write-ahead log of a follower does not match its checksum: it does not start any more',
    family,
    faults: [{ fault: 'corrupt-wal', on: 'follower' }],
  },
  {
    id: 'corrupt-wal-undecodable',
    title: 'a record in the write-ahead log of a follower cannot be decoded: it does not start any more',
    family,
    faults: [{ fault: 'corrupt-wal', on: 'follower', params: { where: 'record' } }],
  },
  {
    id: 'corrupt-wal-length',
    title: 'a record in the write-ahead log of a follower claims an absurd length: it does not start any more',
    family,
    faults: [{ fault: 'corrupt-wal', on: 'follower', params: { where: 'length' } }],
  },
  {
    id: 'corrupt-wal-supervised',
    title: 'the write-ahead log of the former leader is damaged, and its service manager starts it every three seconds',
    family,
    faults: [{ fault: 'corrupt-wal', on: 'leader', params: { restartSeconds: 3 } }],
    settle: 20,
  },
  {
    id: 'torn-wal-repaired',
    title: 'the write-ahead log of a follower ended in a half-written record; etcd has repaired it',
    family,
    faults: [{ fault: 'torn-wal', on: 'follower' }],
  },
  {
    id: 'torn-wal-lost',
    title: 'the write-ahead log of a follower lost its last records, which the follower had acknowledged',
    family,
    faults: [{ fault: 'torn-wal', on: 'follower', params: { lose: 5 } }],
    truth: lostTailTruth,
  },
  {
    id: 'corrupt-snap-fallback',
    title: 'the newest raft snapshot of a follower was damaged; etcd has gone on from the one before',
    family,
    faults: [{ fault: 'corrupt-snap', on: 'follower' }],
    truth: {
      // It serves; that something damaged a file on its disk stays to be explained.
      causes: ['snap-file-corrupt'],
      verdict: ['transient'],
      fromOneNode: {
        causes: [],
        verdict: ['healthy', 'transient'],
        missing: 'the log of the member, which names the file that it set aside',
      },
    },
  },
  {
    id: 'corrupt-snap-needed',
    title:
      'the raft snapshot that a follower got from the leader is damaged, and its log does not reach back to the one before',
    family,
    faults: [{ fault: 'corrupt-snap', on: 'follower', params: { received: true } }],
    truth: neededSnapTruth,
  },
  {
    id: 'corrupt-db-meta',
    title: 'both meta pages of the database of a follower are damaged',
    family,
    faults: [{ fault: 'corrupt-db', on: 'follower', params: { where: 'meta' } }],
  },
  {
    id: 'corrupt-db-page',
    title: 'the root page of the database of a follower is damaged',
    family,
    faults: [{ fault: 'corrupt-db', on: 'follower' }],
    quick: true,
  },
  {
    id: 'lost-data-dir',
    title: 'a follower was started with an emptied data dir, as a member that exists',
    family,
    faults: [{ fault: 'lost-data-dir', on: 'follower' }],
  },
  {
    id: 'lost-data-dir-new',
    title: 'a follower was started with an emptied data dir, as a founder of the cluster',
    family,
    faults: [{ fault: 'lost-data-dir', on: 'follower', params: { state: 'new' } }],
  },
  {
    id: 'diverged-follower',
    title: 'one value differs in the database of a follower; nobody checks',
    family,
    faults: [{ fault: 'diverge', on: 'follower' }],
    quick: true,
  },
  {
    id: 'diverged-leader',
    title: 'one value differs in the database of the member that led',
    family,
    faults: [{ fault: 'diverge', on: 'leader' }],
  },
  {
    id: 'diverged-initial-check',
    title: 'one value differs in the database of a follower that checks itself at its start',
    family,
    faults: [{ fault: 'diverge', on: 'follower', params: { check: 'initial' } }],
    truth: {
      causes: ['data-inconsistency-between-members'],
      verdict: ['intervene-now'],
      also: { 'dead-member-in-list': 'it ends at its start' },
      fromOneNode: {
        causes: ['dead-member-in-list'],
        verdict: ['intervene-now'],
        missing: 'why it ends at its start stands in its own log alone',
      },
    },
  },
  {
    id: 'diverged-periodic-check',
    title: "one value differs in the database of a follower, and the leader's periodic check has raised the alarm",
    family,
    faults: [{ fault: 'diverge', on: 'follower', params: { check: 'time' } }],
  },
];
