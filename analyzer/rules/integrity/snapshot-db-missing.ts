import { defineRule } from '../../rule.js';
import { damagedDoNot, rebuildMember } from '../evidence/rebuild.js';
import { damageClaims } from '../evidence/damage.js';
import { type FileCheck, notLooked, ownFiles } from '../evidence/files.js';
import type { OwnCopy } from '../../facts/values/member.js';

const GROUPS = ['snap-db-missing', 'recover-backend-panic', 'backend-missing', 'backend-not-match'] as const;

const filesOf = (own: OwnCopy | undefined): FileCheck => {
  const copy = ownFiles(own)?.copy;
  if (copy === undefined) return notLooked;
  const behind = copy.fit.databaseBehind;
  if (behind !== null)
    return {
      damaged: true,
      text: `its database ends at entry ${behind.applied}, its raft snapshot is of entry ${behind.snapshot}, and no database of that snapshot is there`,
    };
  const compared = copy.inUse === false && copy.snap.state === 'sound' && copy.wal.state === 'sound';
  return {
    damaged: compared && copy.applied !== null ? false : undefined,
    text: `database at entry ${copy.applied}, newest snapshot ${copy.snapshot?.index ?? 'none'}`,
  };
};

export default defineRule({
  id: 'snapshot-db-missing',
  title: 'Database older than the raft snapshot, snap.db missing',
  category: 'integrity',
  role: 'cause',
  scope: 'member',
  why: 'The member has a raft snapshot without the database that belongs to it, so it has no state to start from.',
  needs: [],
  wants: ['log', 'reachability', 'process', 'kernelEvents', 'dataCopy', 'crashes'],
  explains: ['crash-loop', 'dead-member-in-list'],
  messages: {
    down: '{subject} cannot start: its database is older than its raft snapshot, and the file that would bridge them is missing.',
    seen: '{subject} cannot start: {files}.',
    sleeping: '{subject} runs, and would not start again: {files}.',
    past: 'A start of {subject} failed on a missing snapshot database before the window; it serves again.',
  },
  basis: 'direct',
  urgent: true,
  remedy: rebuildMember,
  doNot: damagedDoNot,
  owner: 'operator',
  alternatives: [
    { rule: 'bbolt-corruption', why: 'bbolt itself would panic on the file.' },
    { rule: 'raft-log-lost', why: 'The panic would come later, from raft, when the leader sends entries.' },
    { rule: 'wal-corrupt-crc', why: 'The error would be about the WAL.' },
  ],
  wouldDisprove: ['a database file whose consistent index is at or beyond the newest .snap file'],
  nextEvidence: [
    { what: 'the files of the snapshot dir', command: 'ls -l <data-dir>/member/snap' },
    {
      what: 'whether the database was restored or copied alone, or the machine lost power',
      command: 'journalctl --list-boots',
    },
  ],
  thresholds: [],
  evaluate: (ctx) =>
    damageClaims(ctx.want, ctx.window, GROUPS, {
      text: 'The log says that the database does not match the raft snapshot',
      files: filesOf(ctx.want.dataCopy),
      soundFiles: { text: 'Its database is not older than its newest raft snapshot' },
    }),
});
