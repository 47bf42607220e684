import type { Membership } from '../../facts/values/cluster.js';
import type { MemberLog, OwnCopy } from '../../facts/values/member.js';
import { defineRule, supporting } from '../../rule.js';
import { damagedDoNot, rebuildMember } from '../evidence/rebuild.js';
import { damageClaims } from '../evidence/damage.js';
import { type FileCheck, notLooked, ownFiles } from '../evidence/files.js';
import { startsOf } from '../evidence/starts.js';

const GROUPS = [
  'raft-tocommit-panic',
  'raft-state-commit-panic',
  'raft-applied-panic',
  'raft-conflict-committed',
] as const;

/** Last value of a field over the lines of a signature. */
const lastValue = (log: MemberLog | undefined, id: string, field: string): string | undefined =>
  log?.count(id)?.stats.at(-1)?.texts.get(field)?.last;

const isTrue = (value: string | undefined): boolean => value === 'true';

/** What its files say; a log that was set back as a whole leaves no trace in them, so that nothing here proves that none is lost. */
const filesOf = (own: OwnCopy | undefined, id: string, membership: Membership | undefined): FileCheck => {
  const ranked = ownFiles(own);
  if (ranked === undefined) return notLooked;
  const { fit, state, inUse } = ranked.copy;
  const lost = (text: string): FileCheck => ({ damaged: true, text });
  if (fit.logLost !== null)
    return lost(
      `its log ends at entry ${fit.logLost.last}, and it had counted entry ${fit.logLost.commit} as committed`,
    );
  if (fit.databaseAhead !== null)
    return lost(
      `its log ends at entry ${fit.databaseAhead.last}, and its database has entry ${fit.databaseAhead.applied}`,
    );
  if (ranked.standing === 'superseded') return lost(ranked.standingText);
  const started = membership?.members.find((member) => member.id === id)?.started === true;
  // A dir that was guessed or mistyped is empty, too.
  if (state === 'missing' && inUse !== true && started)
    return { ...lost('its data dir holds neither a WAL nor a database'), basis: 'inferred' };
  return notLooked;
};

export default defineRule({
  id: 'raft-log-lost',
  title: 'Member lost log entries it had acknowledged',
  category: 'integrity',
  role: 'cause',
  scope: 'member',
  why: 'The member promised entries that it no longer has: its vote counted for commits that may now stand on fewer copies than a majority.',
  needs: [],
  wants: ['log', 'reachability', 'process', 'kernelEvents', 'config', 'dataCopy', 'crashes', 'membership'],
  explains: ['crash-loop', 'dead-member-in-list'],
  messages: {
    down: '{subject} lost log entries it had acknowledged and ends itself ({detail}).',
    seen: '{subject} lost log entries it had acknowledged: {files}.',
    sleeping: '{subject} runs, and its files do not fit together: {files}.',
    past: '{subject} lost log entries it had acknowledged before the window ({detail}); it serves again.',
  },
  basis: 'direct',
  urgent: true,
  remedy: rebuildMember,
  doNot: [
    'start it again with an empty data dir under the same member id: it would vote as if it had never promised anything',
    ...damagedDoNot,
  ],
  owner: 'operator',
  alternatives: [
    { rule: 'wal-torn-tail', why: 'The torn record would have been repaired without a panic.' },
    { rule: 'removed-member-still-running', why: 'The log would say that the member was removed.' },
    { rule: 'wal-corrupt-crc', why: 'The start would already fail when the WAL is read.' },
  ],
  wouldDisprove: ['a member whose WAL holds the commit index that the leader names'],
  nextEvidence: [
    {
      what: 'what was done to the data dir: wiped, restored, rolled back with the machine, moved to tmpfs',
      command: 'ls -lR <data-dir>/member; findmnt -T <data-dir>',
    },
    { what: 'the state of the others', command: 'etcdctl endpoint status --cluster -w table' },
  ],
  thresholds: [],
  evaluate: (ctx) => {
    const { log } = ctx.want;
    const commit = lastValue(log, 'raft-tocommit-panic', 'commit');
    const last = lastValue(log, 'raft-tocommit-panic', 'last');
    const config = ctx.want.config?.members[ctx.subject.id];
    const unsafe = config?.['unsafe-no-fsync']?.value;
    return damageClaims(ctx.want, ctx.window, GROUPS, {
      text: 'raft refuses a commit index that the log of the member does not reach',
      files: filesOf(ctx.want.dataCopy, ctx.subject.id, ctx.want.membership),
      data: {
        detail:
          commit === undefined || last === undefined
            ? 'raft index out of range'
            : last === '0'
              ? `it is told to commit ${commit} and its log is empty: the data dir was emptied or replaced`
              : `it is told to commit ${commit} and its log ends at ${last}: entries that were acknowledged are gone`,
      },
      evidence: [
        supporting(
          unsafe === undefined || ctx.want.config?.known.includes(ctx.subject.id) !== true
            ? undefined
            : isTrue(unsafe) || undefined,
          'The member runs without syncing its WAL',
          {
            observed: `unsafe-no-fsync ${unsafe ?? 'unknown'}`,
            from: ['config'],
          },
        ),
        supporting(
          last === undefined || log === undefined ? undefined : (last === '0' && startsOf(log).length > 0) || undefined,
          'Its log was empty at the start',
          { observed: last ?? 'unknown' },
        ),
      ],
    });
  },
});
