import { type Claim, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { linesOf } from '../evidence/log-lines.js';
import { damagedDoNot, rebuildMember } from '../evidence/rebuild.js';
import { damageOf } from '../evidence/damage.js';
import { ownFiles } from '../evidence/files.js';

const REPAIRED = ['wal-repaired', 'wal-repairing'] as const;
const FAILED = ['wal-repair-failed'] as const;

export default defineRule({
  id: 'wal-torn-tail',
  title: 'WAL ends with a partly written record',
  category: 'integrity',
  role: 'cause',
  scope: 'member',
  why: 'A crash in the middle of a write leaves half a record; etcd cuts it off at the next start, unless it lies elsewhere than at the end.',
  needs: [],
  wants: ['log', 'reachability', 'process', 'kernelEvents', 'dataCopy'],
  explains: ['crash-loop', 'dead-member-in-list'],
  messages: {
    down: '{subject} cannot start: the end of its WAL is torn and could not be repaired.',
    past: 'A start of {subject} failed on a torn WAL before the window; it serves again.',
    torn: 'In the data dir of {subject}, {files}.',
    repaired:
      '{subject} cut off a partly written record at the end of its WAL at a start and went on: it had stopped hard before.',
  },
  basis: 'direct',
  urgent: true,
  remedy: rebuildMember,
  doNot: damagedDoNot,
  owner: 'operator',
  alternatives: [
    { rule: 'wal-corrupt-crc', why: 'A checksum would be wrong, or the damage would lie before the end.' },
    {
      rule: 'raft-log-lost',
      why: 'What was cut off had been acknowledged: the member would panic when it meets the leader.',
    },
  ],
  wouldDisprove: ['a later start of the same files without the message'],
  nextEvidence: [
    { what: 'how the machine stopped (power, kill, out of memory)', command: 'journalctl --list-boots; sudo dmesg -T' },
    { what: 'the files of the WAL', command: 'ls -l <data-dir>/member/wal' },
  ],
  thresholds: [],
  evaluate: (ctx) => {
    const { log } = ctx.want;
    const failure = damageOf(ctx.want, ctx.window, FAILED);
    const copy = ownFiles(ctx.want.dataCopy)?.copy;
    const torn: readonly Claim[] =
      copy?.wal.state === 'repairable' && copy.inUse === false
        ? [
            {
              message: 'torn',
              data: { files: copy.wal.text },
              severity: 'info',
              role: 'notice',
              urgent: false,
              evidence: [
                necessary(true, 'The last record of its WAL is not whole', {
                  observed: copy.wal.text,
                  from: ['dataCopy'],
                }),
              ],
            },
          ]
        : [];
    const known = copy !== undefined && copy.wal.state !== 'unknown';
    if (failure !== undefined && 'inconclusive' in failure) return known ? torn : failure;
    if (failure !== undefined) {
      const claim: Claim = {
        message: failure.current ? 'down' : 'past',
        severity: failure.current ? 'critical' : 'warning',
        when: failure.current ? 'now' : 'past',
        evidence: [
          necessary(true, 'The log says that the WAL could not be repaired', {
            observed: `${failure.lines.total} lines`,
            from: ['log'],
            sources: failure.lines.sources,
          }),
          supporting(failure.answers === false ? true : undefined, 'The member does not serve', {
            from: ['reachability'],
          }),
          ...failure.evidence,
        ],
      };
      return [claim];
    }
    const repaired = linesOf(log, REPAIRED);
    if (repaired === undefined) return known ? torn : inconclusive('the log of the member was not read');
    if (repaired.total === 0 && torn.length > 0) return torn;
    return [
      {
        message: 'repaired',
        severity: 'info',
        role: 'notice',
        when: 'past',
        urgent: false,
        evidence: [
          necessary(repaired.total > 0, 'The log says that the WAL was repaired', {
            observed: `${repaired.total} lines`,
            from: ['log'],
            sources: repaired.sources,
          }),
        ],
      },
    ];
  },
});
