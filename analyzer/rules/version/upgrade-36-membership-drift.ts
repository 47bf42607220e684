import type { MemberLog } from '../../facts/values/member.js';
import { type Claim, defineRule, necessary, supporting } from '../../rule.js';
import { damageOf } from '../evidence/damage.js';
import { compareVersions, parseVersion } from '../evidence/etcd-version.js';
import { linesOf } from '../evidence/log-lines.js';

/** First 3.5 patch that brings the two membership stores in line by itself (etcd changelog 3.5.26). */
const READY = { major: 3, minor: 5, patch: 26 };

/** -1 = a 3.5 before the repair, 0 = a 3.5 with it, 1 = 3.6 or later, null = older or unknown. */
const stage = (server: string | undefined): -1 | 0 | 1 | null => {
  const version = parseVersion(server ?? '');
  if (version === null || version.major !== 3 || version.minor < 5) return null;
  return version.minor > 5 ? 1 : compareVersions(version, READY) < 0 ? -1 : 0;
};

/** Ids that the log finds in the new store only and that no member list has; undefined when that cannot be told. */
const strangers = (log: MemberLog, members: readonly string[] | undefined): readonly string[] | undefined => {
  const samples = (log.count('zombie-detected-36')?.stats ?? []).flatMap((stats) => stats.samples);
  const ids = samples.flatMap(({ text }) =>
    [...text.matchAll(/\bID:([0-9a-f]{1,16})\b/g)].map((match) => (match[1] ?? '').padStart(16, '0')),
  );
  return members === undefined || ids.length === 0
    ? undefined
    : [...new Set(ids)].filter((id) => !members.includes(id));
};

export default defineRule({
  id: 'upgrade-36-membership-drift',
  title: 'Membership stores differ on the way from 3.5 to 3.6',
  category: 'version',
  role: 'cause',
  scope: 'cluster',
  why: 'Up to 3.5 the old store decides who is a member, from 3.6 the new one: where they differ, learners or removed members come back with the upgrade.',
  needs: ['versions'],
  wants: ['log', 'reachability', 'process', 'membership'],
  explains: ['crash-loop', 'dead-member-in-list', 'learner-stuck', 'removed-member-still-running'],
  messages: {
    down: '{subject} cannot start with its new version: its membership store holds learners that the cluster promoted long ago.',
    drift: '{subject} found members in its new membership store that the cluster does not have.',
    repaired: '{subject} brought its two membership stores in line at its start.',
    mixed: 'The upgrade to 3.6 is under way from a 3.5 without the membership repair ({versions}).',
    before: 'A 3.5 without the membership repair runs on {subject}: go to 3.5.26 or later before 3.6.',
  },
  basis: 'direct',
  urgent: true,
  remedy: [
    {
      text: 'If an upgrade to 3.6 is under way, stop it, and leave the members that still run 3.5 alone',
      tag: 'read-only',
    },
    { text: 'Take a snapshot from a healthy member', tag: 'read-only', command: 'etcdctl snapshot save <file>' },
    {
      text: 'While the cluster version is still 3.5: put 3.5.26 or later on a member that fails after its upgrade, and wait until it is healthy',
      tag: 'restarts',
    },
    {
      text: 'Bring all members to 3.5.26 or later first, then go on to the newest 3.6, one at a time',
      tag: 'restarts',
    },
  ],
  doNot: [
    'remove members that reappear before reading what upstream says of them',
    'go on upgrading the other members',
  ],
  owner: 'operator',
  alternatives: [
    { rule: 'learner-stuck', why: 'A genuine learner would be in the member list of every member.' },
    { rule: 'removed-member-still-running', why: 'An operator would have removed it lately.' },
    { rule: 'v2store-content-blocks-36', why: 'The error would be about keys, not members.' },
  ],
  wouldDisprove: ['equal member lists and learner flags from every member on both sides of the upgrade'],
  nextEvidence: [
    {
      what: 'the member list as each member sees it',
      command: 'etcdctl --endpoints=<one member> member list -w table',
    },
    {
      what: 'which versions the cluster ran, and whether learners were promoted on them',
      command: 'journalctl -u etcd | grep -E "etcd-version|promote"',
    },
  ],
  thresholds: [],
  evaluate: (ctx) => {
    const { versions } = ctx.need;
    const logs = ctx.each('log');
    const stageOf = (id: string) => stage(versions.members.find(({ member }) => member === id)?.server);
    const running = {
      observed: versions.members.map(({ member, server }) => `${ctx.nameOf(member)} ${server}`).join(', '),
      from: ['versions'],
    } as const;
    const claims: Claim[] = [];
    const by = (n: -1 | 0 | 1): string[] =>
      versions.members.filter(({ server }) => stage(server) === n).map(({ member }) => member);
    for (const [id, log] of logs) {
      const damage = damageOf({ log, reachability: ctx.each('reachability').get(id) }, ctx.window, [
        'too-many-learners',
      ]);
      const here = stageOf(id);
      if (damage !== undefined && !('inconclusive' in damage) && damage.current && damage.answers !== true) {
        claims.push({
          message: 'down',
          severity: 'critical',
          subjects: [id],
          evidence: [
            necessary(true, 'The start ended over too many learners', {
              observed: `${damage.lines.total} lines`,
              limit: '0',
              sources: damage.lines.sources,
            }),
            necessary(here === null ? undefined : here === 1, 'The member starts with 3.6 or later', running),
            supporting(by(-1).length + by(0).length > 0 ? true : undefined, 'Other members still run 3.5', running),
          ],
        });
      }
      const drift = linesOf(log, ['zombie-detected-36']);
      const repaired = linesOf(log, ['zombie-removed', 'zombie-sync']);
      const strange = strangers(
        log,
        ctx.want.membership?.members.map((member) => member.id),
      );
      // Before its first snapshot a member of a healthy 3.6 cluster names all members so: none of them is a stranger.
      if ((drift?.total ?? 0) > 0 && strange?.length !== 0)
        claims.push({
          message: 'drift',
          role: 'risk',
          severity: 'high',
          urgent: false,
          subjects: [id],
          evidence: [
            necessary(true, 'The log names members that only one store has', {
              observed: `${drift?.total ?? 0} lines`,
              limit: '0',
              sources: drift?.sources ?? [],
            }),
            necessary(strange === undefined ? undefined : true, 'They are no members of the cluster now', {
              ...(strange === undefined ? {} : { observed: strange.join(', ') }),
              from: ['membership'],
            }),
          ],
        });
      else if ((repaired?.total ?? 0) > 0)
        claims.push({
          message: 'repaired',
          role: 'notice',
          severity: 'info',
          when: 'past',
          urgent: false,
          subjects: [id],
          evidence: [
            necessary(true, 'The log says that members were removed from or synced to the new store', {
              observed: `${repaired?.total ?? 0} lines`,
              sources: repaired?.sources ?? [],
            }),
          ],
        });
    }
    const old = by(-1);
    if (old.length === 0) return claims;
    const mixed = by(1).length > 0;
    return [
      ...claims,
      {
        message: mixed ? 'mixed' : 'before',
        ...(mixed ? { data: { versions: versions.server.join(', ') } } : {}),
        role: mixed ? 'risk' : 'notice',
        severity: mixed ? 'warning' : 'info',
        urgent: false,
        subjects: old,
        evidence: [
          necessary(true, mixed ? 'Members before 3.5.26 and members of 3.6 or later' : 'A 3.5 before 3.5.26', {
            ...running,
            limit: '3.5.26',
          }),
        ],
      },
    ];
  },
});
