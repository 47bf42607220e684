import {
  type Claim,
  contradicting,
  defineRule,
  inconclusive,
  necessary,
  notApplicable,
  supporting,
} from '../../rule.js';
import { hashDifferences, revisionSplit } from '../evidence/divergence.js';
import { linesOf } from '../evidence/log-lines.js';
import { damagedDoNot, rebuildMember } from '../evidence/rebuild.js';
import { damageOf } from '../evidence/damage.js';

/** Messages of etcd's own checks that found a difference. */
const FOUND = [
  'hash-mismatch-initial',
  'hash-mismatch-periodic',
  'same-compact-hash-differs',
  'compact-hash-failed',
  'compact-hash-mismatch-36',
  'compact-hash-mismatch-36-noquorum',
] as const;
/** A member that refuses to start since its data differ (--initial-corrupt-check). */
const REFUSED = ['found-inconsistency'] as const;
/** A compaction that a crash cut short. */
const INTERRUPTED = ['compaction-interrupted', 'compaction-resumed'] as const;

export default defineRule({
  id: 'data-inconsistency-between-members',
  title: 'Members hold different data at the same revision',
  category: 'integrity',
  role: 'cause',
  scope: 'cluster',
  why: 'Clients get different answers from different members, and nothing heals it by itself: the difference is carried on with every write.',
  needs: [],
  wants: ['hashes', 'alarms', 'versions', 'status', 'log', 'reachability'],
  explains: ['mvcc-index-inconsistency', 'auth-token-failures', 'hash-mismatch-benign', 'dead-member-in-list'],
  messages: {
    odd: '{subject} holds other data than the majority: its hash at revision {revision} differs.',
    undecided:
      'The hashes of {subject} at revision {revision} differ, and no majority agrees: which copy is right cannot be told from them.',
    revision: '{subject} applied the same raft entries as the others (index {index}) and stands at another revision.',
    alarm: 'The CORRUPT alarm is armed: etcd itself found data that differ, and refuses requests.',
    stale:
      'The CORRUPT alarm is armed although the hashes of the members are equal now; requests are refused until it is disarmed.',
    refused: '{subject} refuses to start: its initial check found data that differ from its peers.',
    logged: 'etcd’s own corruption check found a difference between members; the hashes could not be compared now.',
    past: 'etcd’s own corruption check found a difference between members before the window; the hashes are equal now.',
  },
  basis: 'direct',
  urgent: true,
  remedy: [
    {
      text: 'Repeat the comparison at one revision on all members',
      tag: 'read-only',
      command: 'etcdctl endpoint hashkv --cluster --rev <revision> -w table',
    },
    {
      text: 'Take the odd member out of what clients dial (load balancer, API server flags)',
      tag: 'brief-interruption',
    },
    ...rebuildMember.filter((step) => step.tag !== 'destructive' || step.text.startsWith('With a healthy')),
    {
      text: 'When no majority agrees: compare keys with the applications, choose a snapshot and restore all members from it',
      tag: 'destructive',
      command: 'etcdutl snapshot restore <file> --data-dir <new dir> ...',
    },
    {
      text: 'Disarm the alarm only when the hashes are equal again',
      tag: 'brief-interruption',
      command: 'etcdctl alarm disarm',
    },
    { text: 'Turn the compaction hash check on and move to the newest patch', tag: 'restarts' },
  ],
  doNot: [
    'disarm the CORRUPT alarm first: clients would go on reading different data',
    'defragment or compact in the hope that it heals',
    ...damagedDoNot,
  ],
  owner: 'operator',
  alternatives: [
    {
      rule: 'hash-mismatch-benign',
      why: 'Compact revisions or server versions would differ, and members of one version would agree.',
    },
    {
      rule: 'slow-follower-lag',
      why: 'The member would merely be behind: its hash at a revision that it has would be equal.',
    },
    { rule: 'bbolt-corruption', why: 'The file itself would be broken, and the member would panic.' },
  ],
  wouldDisprove: ['equal hashes of all members at the same revision and compact revision, taken twice'],
  nextEvidence: [
    {
      what: 'hashes of all members at one revision',
      command: 'etcdctl endpoint hashkv --cluster --rev <revision> -w json',
    },
    {
      what: 'how each member stopped and started before, and which versions it ran',
      command: 'journalctl -u etcd --since <date>',
    },
  ],
  thresholds: [],
  evaluate: (ctx) => {
    const { hashes, alarms, versions } = ctx.want;
    const logs = ctx.each('log');
    const claims: Claim[] = [];
    const corrupt = alarms?.armed.find((armed) => armed.alarm === 'CORRUPT');
    const split = revisionSplit(ctx.each('status'));
    const { real, byVersion } = hashes === undefined ? { real: [], byVersion: [] } : hashDifferences(hashes, versions);
    const found = [...logs].map(([id, log]) => ({ id, lines: linesOf(log, FOUND) }));
    const total = found.reduce((sum, { lines }) => sum + (lines?.total ?? 0), 0);
    const inWindow = found.reduce((sum, { lines }) => sum + (lines?.inWindow ?? 0), 0);
    const sources = found.flatMap(({ lines }) => lines?.sources ?? []).slice(0, 4);
    // etcd's own checks are off by default: their silence is no evidence against.
    const alarm = supporting(corrupt === undefined ? undefined : true, 'The CORRUPT alarm is armed', {
      observed: corrupt === undefined ? 'not armed' : `by ${corrupt.by.join(', ')}`,
      from: ['alarms'],
    });
    const logged = supporting(total > 0 ? true : undefined, 'etcd’s own corruption checks found it', {
      observed: `${total} lines`,
      sources,
    });
    const splitSeen = supporting(
      split === undefined ? undefined : split !== null ? true : undefined,
      'Equal applied index, different revision, at rest',
      {
        ...(split ? { observed: `index ${split.appliedIndex}` } : {}),
      },
    );

    const newest = real[0];
    if (newest !== undefined) {
      const { group, odd, majority } = newest;
      const interrupted = odd.some((id) => (linesOf(logs.get(id), INTERRUPTED)?.total ?? 0) > 0);
      claims.push({
        message: majority ? 'odd' : 'undecided',
        data: { revision: group.revision },
        severity: 'critical',
        subjects: odd,
        evidence: [
          necessary(true, 'HashKV at one revision and one compact revision differs', {
            observed: group.hashes.map(({ member, hash }) => `${ctx.nameOf(member)} ${hash}`).join(', '),
            limit: 'equal',
            from: ['hashes'],
          }),
          alarm,
          logged,
          splitSeen,
          contradicting(interrupted, 'A compaction of the odd member was interrupted', {
            answer: 'HashKV leaves out what a compaction is to remove, so an unfinished one does not show in it',
          }),
        ],
      });
    } else if (corrupt !== undefined) {
      const named = corrupt.members.filter((id) => ctx.members.some((member) => member.id === id));
      const equal = hashes?.equal === true && byVersion.length === 0;
      claims.push({
        message: equal ? 'stale' : 'alarm',
        severity: 'critical',
        ...(named.length === 0 || equal ? {} : { subjects: named }),
        evidence: [
          necessary(true, 'The CORRUPT alarm is armed', {
            observed: `by ${corrupt.by.join(', ')}`,
            limit: 'none',
            from: ['alarms'],
          }),
          logged,
          splitSeen,
          contradicting(
            hashes === undefined || hashes.equal === null ? undefined : equal,
            'The hashes of the members are equal',
            {
              answer: 'an armed alarm refuses requests whatever the data',
              from: ['hashes'],
            },
          ),
        ],
      });
    } else if (split) {
      claims.push({
        message: 'revision',
        data: { index: split.appliedIndex },
        severity: 'critical',
        subjects: split.odd,
        evidence: [
          necessary(true, 'Equal applied index, different revision, unchanged over two rounds', {
            observed: [...split.revisions].map(([id, revision]) => `${ctx.nameOf(id)} ${revision}`).join(', '),
            limit: 'equal',
          }),
          alarm,
          logged,
          contradicting(
            hashes === undefined || hashes.equal === null ? undefined : hashes.equal,
            'The hashes of the members are equal',
            { from: ['hashes'] },
          ),
        ],
      });
    }

    for (const [id, log] of logs) {
      const failure = damageOf({ log, reachability: ctx.each('reachability').get(id) }, ctx.window, REFUSED);
      if (failure === undefined || 'inconclusive' in failure || !failure.current) continue;
      claims.push({
        message: 'refused',
        severity: 'critical',
        subjects: [id],
        evidence: [
          necessary(true, 'The initial corruption check ended the start', {
            observed: `${failure.lines.total} lines`,
            sources: failure.lines.sources,
          }),
          supporting(failure.answers === undefined ? undefined : !failure.answers, 'The member does not serve', {
            about: id,
            from: ['reachability'],
          }),
        ],
      });
    }
    if (claims.length > 0) return claims;

    if (total > 0 && byVersion.length === 0) {
      const equal = hashes?.equal ?? undefined;
      const line = necessary(true, 'etcd’s own corruption checks found a difference', {
        observed: `${total} lines, ${inWindow} in the window`,
        sources,
      });
      if (equal === true && inWindow === 0)
        return [{ message: 'past', severity: 'warning', when: 'past', urgent: false, evidence: [line] }];
      return [
        {
          message: 'logged',
          severity: 'high',
          when: inWindow > 0 ? 'now' : 'past',
          evidence: [line, contradicting(equal, 'The hashes of the members are equal', { from: ['hashes'] })],
        },
      ];
    }
    if (ctx.members.length === 1) return notApplicable('one member: there is nothing to compare');
    if (hashes === undefined || (hashes.equal === null && split === undefined))
      return inconclusive(hashes?.notCompared[0]?.reason ?? 'the hashes of at least two members are needed');
    return [];
  },
});
