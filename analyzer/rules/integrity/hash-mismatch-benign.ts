import { type Claim, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { hashDifferences } from '../evidence/divergence.js';

export default defineRule({
  id: 'hash-mismatch-benign',
  title: 'Hash difference that is not corruption',
  category: 'integrity',
  role: 'notice',
  scope: 'cluster',
  why: 'It looks like corruption and is none: rebuilding a member for it would waste the cluster’s redundancy.',
  needs: ['hashes'],
  wants: ['versions'],
  explains: [],
  messages: {
    version:
      'The hashes at revision {revision} differ between server versions that treat deleted keys differently at a compaction; members of one kind agree.',
    compact:
      'The hashes at revision {revision} were taken at different compact revisions ({compact}) and cannot be compared.',
  },
  basis: 'inferred',
  remedy: [
    { text: 'Finish the upgrade, then compare again after the next compaction', tag: 'restarts' },
    {
      text: 'Compare again at one explicit revision when no compaction is running',
      tag: 'read-only',
      command: 'etcdctl endpoint hashkv --cluster --rev <revision> -w table',
    },
  ],
  doNot: ['rebuild a member because of this difference alone'],
  owner: 'operator',
  alternatives: [
    {
      rule: 'data-inconsistency-between-members',
      why: 'The difference would stand at equal revision, compact revision and version.',
    },
  ],
  wouldDisprove: ['hashes that still differ once all members run one version and stand at one compact revision'],
  nextEvidence: [{ what: 'hashes after the next compaction', command: 'etcdctl endpoint hashkv --cluster -w json' }],
  thresholds: [],
  evaluate: (ctx) => {
    const { hashes } = ctx.need;
    const { byVersion } = hashDifferences(hashes, ctx.want.versions);
    const claims: Claim[] = byVersion.slice(0, 1).map((group) => ({
      message: 'version',
      data: { revision: group.revision },
      severity: 'info',
      subjects: group.hashes.map(({ member }) => member),
      evidence: [
        necessary(true, 'Hashes differ only between servers before and from 3.4.34 / 3.5.16', {
          observed: group.hashes.map(({ member, hash }) => `${ctx.nameOf(member)} ${hash}`).join(', '),
          from: ['hashes'],
        }),
        necessary(true, 'The store was compacted', {
          observed: `compact revision ${group.compactRevision}`,
          from: ['hashes'],
        }),
        supporting(true, 'Server versions', {
          observed: ctx.want.versions?.server.join(', ') ?? '',
          from: ['versions'],
        }),
      ],
    }));
    const revisions = new Map<string, (typeof hashes.groups)[number][]>();
    for (const group of hashes.groups) revisions.set(group.revision, [...(revisions.get(group.revision) ?? []), group]);
    for (const [revision, groups] of revisions) {
      const all = groups.flatMap((group) => group.hashes);
      if (groups.length < 2 || new Set(all.map(({ hash }) => hash)).size < 2) continue;
      claims.push({
        message: 'compact',
        data: { revision, compact: groups.map((group) => group.compactRevision).join(', ') },
        severity: 'info',
        subjects: [...new Set(all.map(({ member }) => member))],
        evidence: [
          necessary(true, 'Equal revision, different compact revisions', {
            observed: groups
              .map(
                (group) =>
                  `${group.compactRevision}: ${group.hashes.map(({ member }) => ctx.nameOf(member)).join(', ')}`,
              )
              .join('; '),
            from: ['hashes'],
          }),
        ],
      });
    }
    if (claims.length > 0) return claims;
    return hashes.groups.length < 2 && !hashes.comparable ? inconclusive('only one member was hashed') : [];
  },
});
