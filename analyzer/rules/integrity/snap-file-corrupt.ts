import { defineRule, necessary, supporting } from '../../rule.js';
import { damagedDoNot, rebuildMember } from '../evidence/rebuild.js';
import { damageOf } from '../evidence/damage.js';

const GROUPS = ['snap-corrupt', 'snap-renamed-broken'] as const;

export default defineRule({
  id: 'snap-file-corrupt',
  title: 'A raft .snap file is damaged',
  category: 'integrity',
  role: 'cause',
  scope: 'member',
  why: 'etcd sets the file aside and falls back to an older one, which works only while the WAL still reaches back to it.',
  needs: [],
  wants: ['log', 'reachability', 'process', 'kernelEvents'],
  explains: ['crash-loop', 'dead-member-in-list'],
  messages: {
    down: '{subject} does not serve; at its last start a raft snapshot file was found damaged.',
    past: '{subject} found a damaged raft snapshot file, set it aside and went on with an older one: something damaged a file on its disk.',
  },
  basis: 'direct',
  urgent: true,
  remedy: rebuildMember,
  doNot: damagedDoNot,
  owner: 'operator',
  alternatives: [
    { rule: 'snapshot-db-missing', why: 'The database would be what is missing, not the .snap file.' },
    {
      rule: 'wal-corrupt-crc',
      why: 'The WAL itself would be unreadable; here it may merely not reach back far enough.',
    },
  ],
  wouldDisprove: ['no file with the ending .broken in member/snap and a start without the message'],
  nextEvidence: [
    { what: 'the files of the snapshot dir', command: 'ls -l <data-dir>/member/snap' },
    { what: 'the kernel’s account of the device', command: 'sudo dmesg -T | grep -iE "i/o error|remount"' },
  ],
  thresholds: [],
  evaluate: (ctx) => {
    const failure = damageOf(ctx.want, ctx.window, GROUPS);
    if (failure === undefined) return [];
    if ('inconclusive' in failure) return failure;
    // A member that serves fell back to an older file; one that said so and is down may be down for another reason.
    const down = failure.current && failure.answers !== true;
    return [
      {
        message: down ? 'down' : 'past',
        severity: down ? 'high' : 'warning',
        when: down ? 'now' : 'past',
        urgent: down,
        basis: down ? 'inferred' : 'direct',
        evidence: [
          necessary(true, 'The log says that a .snap file is damaged', {
            observed: `${failure.lines.total} lines`,
            limit: '0',
            from: ['log'],
            sources: failure.lines.sources,
          }),
          supporting(failure.answers === false ? true : undefined, 'The member does not serve', {
            from: ['reachability'],
          }),
          ...failure.evidence,
        ],
      },
    ];
  },
});
