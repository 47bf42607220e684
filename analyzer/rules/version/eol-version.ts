import { releaseLines } from '../../knowledge/release-lines.js';
import { defineRule, necessary } from '../../rule.js';
import { lineOf, parseVersion } from '../evidence/etcd-version.js';

/** Lines older than the oldest one named in the table. */
const OLDEST = { line: '3.1 or older', endOfLife: '2021-06-15', source: 'etcd releases: out of support for years' };

export default defineRule({
  id: 'eol-version',
  title: 'Minor release no longer maintained',
  category: 'version',
  role: 'risk',
  scope: 'cluster',
  why: 'Faults and vulnerabilities found from now on are not fixed in it any more.',
  needs: ['versions'],
  wants: [],
  explains: [],
  messages: { ended: 'etcd {line} is out of support since {date}; it runs on {subject}.' },
  basis: 'direct',
  remedy: [
    {
      text: 'Plan the way to a supported minor release, one minor at a time, through the newest patch of each',
      tag: 'read-only',
    },
    {
      text: 'Take a snapshot and upgrade one member at a time',
      tag: 'restarts',
      command: 'etcdctl snapshot save <file>',
    },
  ],
  doNot: ['skip a minor release', 'upgrade a cluster that is not healthy'],
  owner: 'operator',
  alternatives: [
    { rule: 'known-bug-in-running-version', why: 'Names bugs that a newer patch of the same minor release fixed.' },
  ],
  wouldDisprove: ['a vendor that maintains this release on its own'],
  nextEvidence: [{ what: 'the support terms of whoever built the binary', command: 'etcd --version' }],
  thresholds: [],
  evaluate: (ctx) => {
    const old = ctx.need.versions.members.flatMap(({ member, server }) => {
      const version = parseVersion(server);
      if (version === null) return [];
      const line =
        version.major < 3 || (version.major === 3 && version.minor < 2)
          ? OLDEST
          : releaseLines.find((each) => each.line === lineOf(version));
      return line?.endOfLife !== undefined && Date.parse(line.endOfLife) <= ctx.collectedAt
        ? [{ member, server, version, ended: line.endOfLife, source: line.source }]
        : [];
    });
    const first = old[0];
    if (first === undefined) return [];
    return [
      {
        message: 'ended',
        data: {
          line: [...new Set(old.map(({ version }) => lineOf(version)))].join(', '),
          date: [...new Set(old.map(({ ended }) => ended))].join(', '),
        },
        severity: old.some(({ version }) => version.major < 3 || version.minor < 4) ? 'high' : 'warning',
        subjects: old.map(({ member }) => member),
        evidence: [
          necessary(true, `The minor release is out of support (${first.source})`, {
            observed: [...new Set(old.map(({ server }) => server))].join(', '),
            limit: `end of support ${first.ended}`,
            from: ['versions'],
          }),
        ],
      },
    ];
  },
});
