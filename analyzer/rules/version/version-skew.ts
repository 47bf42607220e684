import { type Claim, contradicting, defineRule, necessary, notApplicable, supporting } from '../../rule.js';
import { compareVersions, type EtcdVersion, lineOf, parseVersion } from '../evidence/etcd-version.js';
import { linesOf } from '../evidence/log-lines.js';

const REFUSED = [
  'version-incompat-stream',
  'version-check-failed',
  'cluster-version-too-low',
  'cluster-version-too-high',
] as const;

export default defineRule({
  id: 'version-skew',
  title: 'Members run different versions',
  category: 'version',
  role: 'notice',
  scope: 'cluster',
  why: 'Mixed versions are meant for the time of an upgrade: the cluster version is held back, and members two minors apart do not work together.',
  needs: ['versions'],
  wants: ['log', 'process'],
  explains: ['member-partitioned', 'learner-stuck'],
  messages: {
    refused: 'Members refuse each other for their versions: {versions}.',
    apart: 'Members are more than one minor release apart: {versions}.',
    long: 'Members have run different minor releases for more than a day: {versions}.',
    upgrade: 'Members run different minor releases, as during an upgrade: {versions}.',
    patch: 'Members run different patches of one minor release: {versions}.',
  },
  basis: 'direct',
  remedy: [
    { text: 'List the versions in force', tag: 'read-only', command: 'etcdctl endpoint status --cluster -w table' },
    { text: 'Take a snapshot before going on', tag: 'read-only', command: 'etcdctl snapshot save <file>' },
    {
      text: 'Finish the upgrade, one member and one minor release at a time, with a health check in between',
      tag: 'restarts',
    },
  ],
  doNot: ['skip a minor release', 'put an older binary on a member without the documented downgrade'],
  owner: 'operator',
  alternatives: [
    { rule: 'downgrade-or-storage-version-blocked', why: 'A member would not start at all with its binary.' },
    { rule: 'upgrade-36-membership-drift', why: 'The trouble would be about members, not about versions.' },
  ],
  wouldDisprove: ['the same version from every member'],
  nextEvidence: [{ what: 'the version of every member', command: 'etcdctl endpoint status --cluster -w json' }],
  thresholds: ['version-mix-seconds'],
  evaluate: (ctx) => {
    const { versions } = ctx.need;
    if (versions.members.length < 2) return notApplicable('the version of one member is known');
    const parsed = versions.members.flatMap(({ member, server }) => {
      const version = parseVersion(server);
      return version === null ? [] : [{ member, server, version }];
    });
    const sorted = [...parsed].sort((a, b) => compareVersions(a.version, b.version));
    const lowest = sorted[0]?.version as EtcdVersion | undefined;
    const highest = sorted.at(-1)?.version as EtcdVersion | undefined;
    if (!versions.mixed || lowest === undefined || highest === undefined) return [];
    const data = {
      versions: versions.members.map(({ member, server }) => `${ctx.nameOf(member)} ${server}`).join(', '),
    };
    const mixed = necessary(true, 'Server versions differ', {
      observed: versions.server.join(', '),
      limit: 'one version',
      from: ['versions'],
    });
    const logs = [...ctx.each('log')].map(([id, log]) => ({ id, lines: linesOf(log, REFUSED) }));
    const refusing = logs.filter(({ lines }) => (lines?.inWindow ?? 0) > 0);
    const refused = {
      observed: `${refusing.reduce((sum, { lines }) => sum + (lines?.inWindow ?? 0), 0)} lines in the window`,
      limit: '0',
      sources: refusing.flatMap(({ lines }) => lines?.sources ?? []).slice(0, 4),
    };
    const apart = highest.major !== lowest.major || highest.minor - lowest.minor > 1;
    const claims: Claim[] = [];
    if (refusing.length > 0)
      return [
        {
          message: 'refused',
          data,
          role: 'cause',
          severity: 'high',
          subjects: refusing.map(({ id }) => id),
          evidence: [
            mixed,
            necessary(true, 'Members log that they refuse a peer for its version', refused),
            supporting(apart, 'More than one minor release apart', { from: ['versions'] }),
          ],
        },
      ];
    const seen = logs.length === 0 ? undefined : false;
    const subjects = parsed.filter(({ version }) => lineOf(version) !== lineOf(highest)).map(({ member }) => member);
    if (apart) {
      claims.push({
        message: 'apart',
        data,
        role: 'risk',
        severity: 'high',
        subjects,
        evidence: [
          mixed,
          necessary(true, 'More than one minor release apart', { limit: '1 minor release', from: ['versions'] }),
          supporting(seen, 'Members log refusals for versions', refused),
        ],
      });
    } else if (highest.minor !== lowest.minor) {
      const uptimes = [...ctx.each('process').values()].flatMap((each) => each.uptimeSeconds ?? []);
      const youngest = uptimes.length === versions.members.length ? Math.min(...uptimes) : undefined;
      const long = youngest !== undefined && youngest > ctx.limit('version-mix-seconds');
      claims.push({
        message: long ? 'long' : 'upgrade',
        data,
        role: long ? 'risk' : 'notice',
        severity: long ? 'warning' : 'info',
        subjects,
        evidence: [
          mixed,
          ...(long
            ? [
                necessary(true, 'No member was restarted for more than a day', {
                  observed: `youngest process ${Math.round(youngest / 3600)} h`,
                  threshold: 'version-mix-seconds' as const,
                }),
              ]
            : []),
          contradicting(versions.downgrade !== null, 'A downgrade is in progress', {
            answer: 'it is mixed all the same',
            from: ['versions'],
          }),
        ],
      });
    } else
      claims.push({
        message: 'patch',
        data,
        severity: 'info',
        subjects: parsed.filter(({ version }) => compareVersions(version, highest) < 0).map(({ member }) => member),
        evidence: [mixed],
      });
    return claims;
  },
});
