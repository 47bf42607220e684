import type { MemberLog } from '../../facts/values/member.js';
import { defineRule } from '../../rule.js';
import { damagedDoNot, rebuildMember } from '../evidence/rebuild.js';
import { damageClaims } from '../evidence/damage.js';
import { partCheck } from '../evidence/files.js';

const GROUPS = [
  'walpb-crc',
  'wal-unreadable',
  'wal-slice-range',
  'wal-file-not-found',
  'wal-snapshot-not-found',
] as const;

/** No record is larger than a whole segment (etcd wal, SegmentSizeBytes 64 MB): its length itself is damaged, not its end missing. */
const absurd = (log: MemberLog | undefined): boolean =>
  (log?.count('wal-max-entry')?.stats ?? []).some((stats) => Number(stats.texts.get('rec')?.last) > 64_000_000);

/** Bytes that decode to nothing come from clients and peers too; when a start fails on them it is the WAL, read first of all. */
const groupsOf = (log: MemberLog | undefined): readonly string[] => [
  ...GROUPS,
  ...(absurd(log) ? ['wal-max-entry'] : []),
  ...((log?.count('discovery-failed')?.total ?? 0) > 0 ? ['wal-undecodable'] : []),
];

export default defineRule({
  id: 'wal-corrupt-crc',
  title: 'WAL checksum or structure corrupted',
  category: 'integrity',
  role: 'cause',
  scope: 'member',
  why: 'The member cannot replay its log and does not start; what its WAL held beyond the database is lost on this member.',
  needs: [],
  wants: ['log', 'reachability', 'process', 'kernelEvents', 'dataCopy', 'crashes'],
  explains: ['crash-loop', 'dead-member-in-list', 'snap-file-corrupt', 'raft-log-lost', 'wal-torn-tail'],
  messages: {
    down: '{subject} cannot start: its WAL is damaged.',
    seen: '{subject} cannot start: {files}.',
    sleeping: '{subject} runs, and would not start again: {files}.',
    past: 'A start of {subject} failed on a damaged WAL before the window; it serves again.',
  },
  basis: 'direct',
  urgent: true,
  remedy: rebuildMember,
  doNot: damagedDoNot,
  owner: 'operator',
  alternatives: [
    { rule: 'wal-torn-tail', why: 'Only the last record would be cut short, and etcd would repair it.' },
    { rule: 'snapshot-db-missing', why: 'The WAL would be read, and the database would be behind its snapshot.' },
    { rule: 'disk-full-enospc', why: 'The last words before would be about space.' },
  ],
  wouldDisprove: ['a start of the same files that reads the WAL', 'checksums of the files that hold to their end'],
  nextEvidence: [
    { what: 'the files of the WAL and their sizes', command: 'ls -l <data-dir>/member/wal' },
    {
      what: 'the kernel’s account of the device and of memory',
      command: 'sudo dmesg -T | grep -iE "i/o error|edac|mce|remount"',
    },
  ],
  thresholds: [],
  evaluate: (ctx) => {
    const { log } = ctx.want;
    const said = (id: string): boolean => (log?.count(id)?.total ?? 0) > 0;
    // With a damaged .snap file set aside, a sound WAL no longer reaches back to what is left.
    if (said('snap-corrupt') && !said('walpb-crc') && said('wal-slice-range')) return [];
    return damageClaims(ctx.want, ctx.window, groupsOf(ctx.want.log), {
      text: 'The log says that the WAL cannot be read',
      files: partCheck(ctx.want.dataCopy, 'wal'),
      soundFiles: {
        text: 'The checksums of its WAL hold to the end',
        ...(said('wal-repaired')
          ? { answer: 'etcd cut the damaged end off at a start, and with it what came behind' }
          : {}),
      },
    });
  },
});
