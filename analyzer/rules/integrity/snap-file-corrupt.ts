import { type Claim, defineRule, necessary, supporting } from '../../rule.js';
import type { OwnCopy } from '../../facts/values/member.js';
import { damagedDoNot, rebuildMember } from '../evidence/rebuild.js';
import { damageOf } from '../evidence/damage.js';
import { ownFiles } from '../evidence/files.js';

const GROUPS = ['snap-corrupt', 'snap-renamed-broken'] as const;

/** A file that fails its checksum and has not been set aside yet. */
const fromFiles = (own: OwnCopy | undefined): readonly Claim[] => {
  const copy = ownFiles(own)?.copy;
  if (copy?.snap.state !== 'damaged') return [];
  const needed = copy.fit.logStartsLate !== null || copy.fit.databaseBehind !== null;
  const down = needed && copy.inUse !== true;
  return [
    {
      message: down ? 'seen' : 'spare',
      data: { files: copy.snap.text },
      severity: down ? 'critical' : 'warning',
      role: down ? 'cause' : 'risk',
      urgent: down,
      evidence: [
        necessary(true, 'A .snap file does not match its checksum', { observed: copy.snap.text, from: ['dataCopy'] }),
        supporting(copy.wal.state === 'sound' ? needed : undefined, 'Its log does not reach back to what is older', {
          observed: `log from entry ${copy.first ?? '?'}, older snapshot ${copy.snapshot?.index ?? 'none'}`,
        }),
      ],
    },
  ];
};

export default defineRule({
  id: 'snap-file-corrupt',
  title: 'A raft .snap file is damaged',
  category: 'integrity',
  role: 'cause',
  scope: 'member',
  why: 'etcd sets the file aside and falls back to an older one, which works only while the WAL still reaches back to it.',
  needs: [],
  wants: ['log', 'reachability', 'process', 'kernelEvents', 'dataCopy'],
  explains: ['crash-loop', 'dead-member-in-list'],
  messages: {
    down: '{subject} does not serve; at its last start a raft snapshot file was found damaged.',
    seen: '{subject} cannot start: {files}, and nothing older reaches far enough.',
    spare:
      'In the data dir of {subject}, {files}; etcd sets it aside at its next start and goes on from what is older.',
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
    const snap = ownFiles(ctx.want.dataCopy)?.copy.snap;
    if (failure === undefined || 'inconclusive' in failure) {
      const claims = fromFiles(ctx.want.dataCopy);
      return claims.length > 0 || failure === undefined || snap?.state === 'sound' ? claims : failure;
    }
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
