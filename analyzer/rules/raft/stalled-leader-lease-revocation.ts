import { defineRule, necessary, supporting } from '../../rule.js';
import { linesOf, valuesOf } from '../evidence/log-lines.js';

export default defineRule({
  id: 'stalled-leader-lease-revocation',
  title: 'A stalled leader revoked live leases',
  category: 'raft',
  role: 'cause',
  scope: 'member',
  why: 'A leader that slept through its own replacement takes the time asleep for time without renewals and deletes the keys of healthy clients.',
  needs: ['leases'],
  wants: ['log', 'leaderView', 'versions', 'processSched'],
  explains: ['lease-expiry-storm'],
  messages: {
    revoked: '{subject} stalled as leader, lost the lead, and {count} leases ran out on it in the window.',
    guarded:
      '{subject} stalled as leader and wanted to revoke leases afterwards; the guard of this version kept it from doing so.',
  },
  basis: 'inferred',
  remedy: [
    { text: 'Find out which keys and which clients lost their leases', tag: 'read-only' },
    { text: 'Find the stall: disk, CPU limit, frozen virtual machine', tag: 'read-only' },
    { text: 'Upgrade to 3.4.31, 3.5.13 or later, one member at a time', tag: 'restarts' },
    { text: 'Give leases a time to live well above the longest stall', tag: 'read-only' },
  ],
  doNot: ['restore a backup for the sake of the keys: clients create them again with their next lease'],
  owner: 'operator',
  alternatives: [
    {
      rule: 'lease-expiry-storm',
      why: 'The clients would really have stopped renewing, and no leader would have stalled.',
    },
  ],
  wouldDisprove: ['clients that stopped before their leases ran out', 'the same member as leader all the time'],
  nextEvidence: [{ what: 'logs of the clients that held the leases, at the time of the stall' }],
  thresholds: ['lease-burst'],
  evaluate: (ctx) => {
    const id = ctx.subject.id;
    const expired = ctx.need.leases.expired?.delta ?? undefined;
    const ignored = linesOf(ctx.want.log, ['lease-revoke-ignored']);
    const stall = linesOf(ctx.want.log, ['wal-slow-fdatasync', 'leader-heartbeat-late', 'raft-tick-missed-35']);
    const stopped = ctx.want.processSched?.stopped === true || (stall?.inWindow ?? 0) > 0;
    const deposed = ctx.want.leaderView?.changes.some((change) => change.from === id && change.to !== id);
    const lostBefore =
      valuesOf(ctx.want.log, 'raft-changed-leader', 'from').has(id) ||
      valuesOf(ctx.want.log, 'raft-lost-leader', 'leader').has(id);
    const version = ctx.want.versions?.members.find((member) => member.member === id)?.server;
    const revoked = {
      message: 'revoked',
      data: { count: expired ?? 0 },
      severity: 'high' as const,
      evidence: [
        necessary(
          expired === undefined ? undefined : expired >= ctx.limit('lease-burst'),
          'Leases ran out on this member',
          {
            observed: `${expired ?? '?'} in the window`,
            threshold: 'lease-burst',
            from: ['leases'],
          },
        ),
        necessary(deposed, 'It lost the lead in the window', { from: ['leaderView'] }),
        necessary(ctx.want.log === undefined ? undefined : stopped, 'It stalled in the window', {
          observed: `${stall?.inWindow ?? 0} lines about late heartbeats, missed ticks or slow syncs`,
          sources: stall?.sources ?? [],
        }),
        supporting(version === undefined ? undefined : isUnguarded(version), 'The version has no guard against it', {
          observed: version ?? '?',
          limit: 'before 3.4.31 or 3.5.13',
        }),
      ],
    };
    if ((ignored?.total ?? 0) === 0) return [revoked];
    return [
      {
        message: 'guarded',
        severity: 'info',
        role: 'notice',
        when: (ignored?.inWindow ?? 0) > 0 ? 'now' : 'past',
        basis: 'direct',
        evidence: [
          necessary(true, 'The log says that revocations were ignored, since this member leads no more', {
            observed: `${ignored?.total ?? 0} lines`,
            sources: ignored?.sources ?? [],
          }),
          supporting(lostBefore || undefined, 'It lost the lead'),
          supporting((stall?.total ?? 0) > 0, 'It stalled', { observed: `${stall?.total ?? 0} lines` }),
        ],
      },
    ];
  },
});

/** The guard came with 3.4.31 and 3.5.13; 3.6 has it from the start. */
const isUnguarded = (version: string): boolean => {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  return major === 3 && ((minor === 4 && patch < 31) || (minor === 5 && patch < 13));
};
