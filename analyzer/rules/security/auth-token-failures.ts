import {
  type Claim,
  contradicting,
  defineRule,
  inconclusive,
  necessary,
  notApplicable,
  supporting,
} from '../../rule.js';
import { authInUse, authRevision } from '../evidence/auth-use.js';
import { oddOnes } from '../evidence/divergence.js';
import { linesOf } from '../evidence/log-lines.js';

const GROUPS = ['auth-invalid-token', 'auth-old-revision', 'err-auth-failed'] as const;

export default defineRule({
  id: 'auth-token-failures',
  title: 'Authentication failures',
  category: 'security',
  role: 'cause',
  scope: 'cluster',
  why: 'Clients are turned away although the cluster works; where members disagree on users and roles, it depends on the member they ask.',
  needs: [],
  wants: ['scrapes', 'requests', 'log', 'leaderState', 'reachability', 'hashes', 'config'],
  explains: ['cpu-starvation-host'],
  messages: {
    diverged:
      'The users and roles of {subject} are not those of the other members: its auth revision differs, at rest.',
    rate: 'Clients of {subject} fail to authenticate {rate} times a second.',
    ours: 'The user given to this collection was refused: what needs a login is missing from the evidence.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Compare the auth revision of every member',
      tag: 'read-only',
      command: 'etcdctl --endpoints=<one member> auth status',
    },
    {
      text: 'Find the clients that are refused, in the application logs, and correct their credentials',
      tag: 'read-only',
    },
    {
      text: 'Let clients authenticate again when a token ends (recent clients do), or use a longer token lifetime or JWT',
      tag: 'restarts',
    },
    {
      text: 'When revisions differ: upgrade, then rebuild the odd member from the others',
      tag: 'destructive',
      command: 'etcdctl member remove <id>; etcdctl member add <name> --peer-urls=<url>',
    },
  ],
  doNot: ['switch authentication off to stop the errors', 'share the root user with applications'],
  owner: 'application',
  alternatives: [
    { rule: 'slow-follower-lag', why: 'A token made at another member would merely not have arrived yet.' },
    { rule: 'data-inconsistency-between-members', why: 'Keys would differ too, not only users and roles.' },
  ],
  wouldDisprove: ['equal auth revisions on all members, and a client that authenticates at each of them'],
  nextEvidence: [
    { what: 'the auth state of every member', command: 'etcdctl --endpoints=<one member> auth status -w json' },
  ],
  thresholds: ['auth-lines-per-second'],
  evaluate: (ctx) => {
    const scrapes = ctx.each('scrapes');
    const logs = ctx.each('log');
    const reach = ctx.each('reachability');
    const claims: Claim[] = [];
    // Only members that follow a leader and whose revision stood still can be compared.
    const resting = new Map(
      [...scrapes].flatMap(([id, each]) => {
        const revision = authRevision(each);
        const follows = ctx.each('leaderState').get(id)?.hasLeader?.min === 1;
        return revision !== undefined && revision.first === revision.last && each.window !== null && follows
          ? [[id, String(revision.last)] as const]
          : [];
      }),
    );
    const { odd } = oddOnes(resting);
    if (odd.length > 0 && new Set(resting.values()).size > 1) {
      const { hashes } = ctx.want;
      claims.push({
        message: 'diverged',
        severity: 'high',
        subjects: odd,
        evidence: [
          necessary(true, 'Auth revisions differ between members at rest', {
            observed: [...resting].map(([id, value]) => `${ctx.nameOf(id)} ${value}`).join(', '),
            limit: 'equal',
          }),
          supporting(hashes?.equal === false ? true : undefined, 'The hashes of their keys differ too', {
            from: ['hashes'],
          }),
        ],
      });
    }
    const seconds = Math.max(1, (ctx.window.to - ctx.window.from) / 1000);
    for (const { id } of ctx.members) {
      const lines = linesOf(logs.get(id), GROUPS);
      const counter = ctx.each('requests').get(id)?.byCode.Unauthenticated ?? null;
      // A wrong password is answered with InvalidArgument, and nothing is logged.
      const logins = (ctx.each('requests').get(id)?.byMethod ?? [])
        .filter(({ method, code }) => method === 'Authenticate' && code !== 'OK')
        .reduce((sum, each) => sum + (each.counter.perSecond ?? 0), 0);
      const perLog = lines === undefined ? undefined : lines.inWindow / seconds;
      const perMetric = counter?.perSecond ?? (ctx.each('requests').has(id) ? 0 : undefined);
      if (perLog === undefined && perMetric === undefined) continue;
      const rate = Math.max(perLog ?? 0, (perMetric ?? 0) + logins);
      if (rate < ctx.limit('auth-lines-per-second')) continue;
      claims.push({
        message: 'rate',
        data: { rate: Math.round(rate * 10) / 10 },
        severity: 'warning',
        subjects: [id],
        evidence: [
          necessary(true, 'Refused logins and tokens in the window', {
            observed: `${Math.round(rate * 10) / 10}/s`,
            threshold: 'auth-lines-per-second',
            sources: lines?.sources ?? [],
          }),
          contradicting(
            (reach.get(id)?.reasons['auth-failed'] ?? 0) > 0 ? true : undefined,
            'This collection was refused too',
            { answer: 'it tries a few times per round at most' },
          ),
        ],
      });
    }
    if (claims.length > 0) return claims;
    const refused = [...reach].filter(([, each]) => (each.reasons['auth-failed'] ?? 0) > 0).map(([id]) => id);
    if (refused.length > 0)
      return [
        {
          message: 'ours',
          role: 'notice',
          severity: 'warning',
          evidence: [
            necessary(true, 'The members refused the login of this collection', {
              observed: refused.map(ctx.nameOf).join(', '),
            }),
          ],
        },
      ];
    if (scrapes.size === 0 && logs.size === 0) return inconclusive('neither metrics nor logs were read');
    return authInUse(scrapes) === false ? notApplicable('no user or role was ever set up') : [];
  },
});
