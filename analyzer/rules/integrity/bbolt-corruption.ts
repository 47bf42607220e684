import { defineRule } from '../../rule.js';
import { damagedDoNot, rebuildMember } from '../evidence/rebuild.js';
import { damageClaims } from '../evidence/damage.js';
import { partCheck } from '../evidence/files.js';

const GROUPS = [
  'bbolt-freepages',
  'bbolt-invalid-freelist',
  'bbolt-already-freed',
  'bbolt-cannot-free-01',
  'bbolt-page-self-id',
  'bbolt-invalid-page-type',
  'bbolt-invalid-meta',
  'bbolt-highwater',
  'bbolt-invalid-database',
  'bbolt-checksum',
  'sigbus',
] as const;

export default defineRule({
  id: 'bbolt-corruption',
  title: 'Database file is structurally damaged',
  category: 'integrity',
  role: 'cause',
  scope: 'member',
  why: 'The member panics when it opens or changes its database; its copy of the data is lost, and the storage under it is suspect.',
  needs: [],
  wants: ['log', 'reachability', 'process', 'kernelEvents', 'dataCopy', 'crashes'],
  explains: ['crash-loop', 'dead-member-in-list', 'mvcc-index-inconsistency'],
  messages: {
    down: '{subject} does not run: its database file (member/snap/db) is damaged.',
    seen: '{subject} cannot start, or not for long: {files}.',
    sleeping: '{subject} runs, and {files}: it will fail when it comes upon them.',
    past: '{subject} met a damaged database file before the window; it serves again.',
  },
  basis: 'direct',
  urgent: true,
  remedy: rebuildMember,
  doNot: damagedDoNot,
  owner: 'operator',
  alternatives: [
    { rule: 'wal-corrupt-crc', why: 'The error would be about the WAL.' },
    { rule: 'mvcc-index-inconsistency', why: 'The file would be readable and its content contradictory.' },
    { rule: 'disk-full-enospc', why: 'The panic would follow an error about space.' },
    { rule: 'data-dir-locked-or-slow-open', why: 'The file would be held by another process, not broken.' },
  ],
  wouldDisprove: ['a bbolt check of a copy of the file without errors'],
  nextEvidence: [
    { what: 'a check of a COPY of the file', command: 'bbolt check <copy of member/snap/db>' },
    {
      what: 'the kernel’s account of the device and of memory',
      command: 'sudo dmesg -T | grep -iE "i/o error|edac|mce|remount"',
    },
  ],
  thresholds: [],
  evaluate: (ctx) =>
    damageClaims(ctx.want, ctx.window, GROUPS, {
      text: 'bbolt reports a damaged file',
      files: partCheck(ctx.want.dataCopy, 'db'),
      soundFiles: {
        text: 'The pages of its database were all read, and fit together',
        answer: 'bbolt keeps no checksum over its pages, so that not every damage shows',
      },
    }),
});
