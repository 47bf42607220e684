import { type Claim, defineRule, inconclusive, necessary } from '../../rule.js';

export default defineRule({
  id: 'even-or-insufficient-members',
  title: 'The number or placement of voters gives little fault tolerance',
  category: 'config',
  role: 'risk',
  scope: 'cluster',
  why: 'A majority must be left: 3 or 4 voters survive the loss of one, 5 or 6 of two, 1 or 2 of none; and a host that is lost takes all of its voters along.',
  needs: ['membership'],
  wants: [],
  explains: [],
  messages: {
    single: 'One voter: its loss is the loss of the service, and of the data without a backup.',
    two: 'Two voters: the loss of either stops all writes, which makes it less available than a single one.',
    even: '{count} voters tolerate the loss of {spare}, as {less} would, and need one more for every write.',
    many: '{count} voters: every write waits for a larger majority, and the leader sends everything {peers} times.',
    together: 'All {count} voters run on {host}: its loss is the loss of the cluster.',
  },
  basis: 'direct',
  remedy: [
    { text: 'Keep tested backups while the number is low', tag: 'read-only', command: 'etcdctl snapshot save <file>' },
    {
      text: 'Remove dead members first, then add the new one as a learner and promote it when it has caught up, until there are 3 or 5 voters',
      tag: 'brief-interruption',
      command: 'etcdctl member add <name> --learner --peer-urls=<peer url>',
    },
    { text: 'Place the voters in separate failure domains (host, rack, zone, datastore)', tag: 'restarts' },
  ],
  doNot: ['add a voter to an unhealthy cluster in the hope of repairing it: the majority needed grows first'],
  owner: 'operator',
  alternatives: [{ rule: 'dead-member-in-list', why: 'The size would be right and a listed member never answer.' }],
  wouldDisprove: ['a member list with 3 or 5 voters, each on a host of its own'],
  nextEvidence: [{ what: 'where the members’ hosts, storage and zones are', command: 'etcdctl member list -w table' }],
  thresholds: ['members-most'],
  evaluate: (ctx) => {
    const { voters } = ctx.need.membership;
    const count = voters.length;
    if (count === 0) return inconclusive('no voter is known');
    const claim = (message: string, severity: 'info' | 'warning', more: Partial<Claim> = {}): Claim => ({
      message,
      severity,
      role: severity === 'info' ? 'notice' : 'risk',
      evidence: [necessary(true, 'Voters in the member list', { observed: String(count), from: ['membership'] })],
      ...more,
    });
    const claims: Claim[] = [];
    if (count === 1) claims.push(claim('single', 'info'));
    else if (count === 2) claims.push(claim('two', 'warning'));
    else if (count % 2 === 0)
      claims.push(claim('even', 'info', { data: { count, spare: count / 2 - 1, less: count - 1 } }));
    if (count > ctx.limit('members-most'))
      claims.push(
        claim('many', 'info', {
          data: { count, peers: count - 1 },
          evidence: [
            necessary(true, 'Voters in the member list', {
              observed: String(count),
              threshold: 'members-most',
              from: ['membership'],
            }),
          ],
        }),
      );
    const hosts = new Set(ctx.members.filter((member) => voters.includes(member.id)).map((member) => member.host));
    const [host] = hosts;
    if (count > 1 && hosts.size === 1 && host !== undefined)
      claims.push(
        claim('together', 'info', {
          data: { count, host: ctx.nameOf(host) },
          evidence: [
            necessary(true, 'The collector found the processes of all voters on one host', {
              observed: ctx.nameOf(host),
            }),
          ],
        }),
      );
    return claims;
  },
});
