import { type BugCondition, type KnownBug, knownBugs } from '../../knowledge/known-bugs.js';
import { type Claim, defineRule, type EvidenceInput, necessary, supporting } from '../../rule.js';
import { authInUse } from '../evidence/auth-use.js';
import { isAffected, parseVersion } from '../evidence/etcd-version.js';

/** Most bugs shown as evidence; the message counts all. */
const SHOWN = 8;

export default defineRule({
  id: 'known-bug-in-running-version',
  title: 'Running patch has a relevant fixed bug',
  category: 'version',
  role: 'notice',
  scope: 'cluster',
  why: 'What a newer patch of the same minor release fixed needs no diagnosis, only an upgrade.',
  needs: ['versions'],
  wants: ['membership', 'watchers', 'leases', 'storage', 'scrapes'],
  explains: [],
  messages: {
    data: 'etcd {versions}: newer patches fixed {count} bugs that may affect data or watchers here, among them: {first}.',
    other: 'etcd {versions}: newer patches fixed {count} more of the bugs that may matter here, among them: {first}.',
  },
  basis: 'direct',
  remedy: [
    { text: 'Read the changelog of the newer patches', tag: 'read-only' },
    { text: 'Upgrade to the newest patch of the same minor release, one member at a time', tag: 'restarts' },
  ],
  doNot: ['upgrade to another minor release as a first step'],
  owner: 'operator',
  alternatives: [
    { rule: 'bad-version-3-5-0-to-2', why: 'Has a rule of its own.' },
    { rule: 'eol-version', why: 'The whole minor release would be out of support.' },
  ],
  wouldDisprove: ['a build that carries the fix under an older version number'],
  nextEvidence: [{ what: 'the exact build of each member', command: 'etcd --version' }],
  thresholds: [],
  evaluate: (ctx) => {
    const { versions } = ctx.need;
    const any = <T>(values: Iterable<T>, has: (value: T) => boolean | undefined): boolean | undefined => {
      const states = [...values].map(has).filter((state) => state !== undefined);
      return states.length === 0 ? undefined : states.some((state) => state);
    };
    const conditions: { readonly [K in BugCondition]: boolean | undefined } = {
      auth: authInUse(ctx.each('scrapes')),
      'single-voter': ctx.want.membership === undefined ? undefined : ctx.want.membership.voters.length === 1,
      learner: ctx.want.membership === undefined ? undefined : ctx.want.membership.learners.length > 0,
      leases: any(ctx.each('leases').values(), (leases) =>
        leases.granted === null ? undefined : leases.granted.sinceStart > 0,
      ),
      watches: any(ctx.each('watchers').values(), (watchers) =>
        watchers.watchers === null ? undefined : watchers.watchers.max > 0,
      ),
      compaction: any(ctx.each('storage').values(), (storage) =>
        storage.compactRevision === null ? undefined : BigInt(storage.compactRevision) > 0n,
      ),
    };
    const matches = (bug: KnownBug): readonly string[] =>
      bug.condition !== undefined && conditions[bug.condition] === false
        ? []
        : versions.members
            .filter(({ server }) => isAffected(server, bug.fixedIn, bug.from))
            .map(({ member }) => member);
    const claim = (data: boolean): Claim[] => {
      const found = knownBugs
        .filter((bug) => bug.data === data)
        .map((bug) => ({ bug, members: matches(bug) }))
        .filter(({ members }) => members.length > 0);
      const first = found[0];
      if (first === undefined) return [];
      const subjects = [...new Set(found.flatMap(({ members }) => members))];
      const running = [
        ...new Set(versions.members.filter(({ member }) => subjects.includes(member)).map(({ server }) => server)),
      ];
      const minors = running.flatMap((server) => {
        const version = parseVersion(server);
        return version === null ? [] : [`${version.major}.${version.minor}`];
      });
      const evidence: EvidenceInput[] = found.slice(0, SHOWN).map(({ bug }) =>
        supporting(
          bug.condition === undefined ? undefined : conditions[bug.condition],
          `${bug.id}: ${bug.effect} (${bug.source})`,
          {
            limit: `fixed in ${Object.entries(bug.fixedIn)
              .filter(([line]) => minors.includes(line))
              .map(([, patch]) => patch)
              .join(', ')}`,
          },
        ),
      );
      return [
        {
          message: data ? 'data' : 'other',
          data: { versions: running.join(', '), count: found.length, first: first.bug.effect },
          role: data ? 'risk' : 'notice',
          severity: data ? 'warning' : 'info',
          subjects,
          evidence: [
            necessary(true, 'The server version lies before fixes of its minor release', {
              observed: running.join(', '),
              from: ['versions'],
            }),
            ...evidence,
          ],
        },
      ];
    };
    return [...claim(true), ...claim(false)];
  },
});
