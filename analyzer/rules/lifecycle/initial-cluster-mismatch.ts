import { defineRule, supporting } from '../../rule.js';
import { startFailure } from '../evidence/start-failure.js';

export default defineRule({
  id: 'initial-cluster-mismatch',
  title: 'Join fails: initial cluster, name or count does not match',
  category: 'lifecycle',
  role: 'cause',
  scope: 'member',
  why: 'A joining member must name exactly the members that the cluster lists; with anything else it ends before it starts.',
  needs: ['log'],
  wants: ['reachability', 'quorum', 'membership', 'config'],
  explains: ['crash-loop', 'dead-member-in-list'],
  messages: {
    refused: '{subject} does not start: its --initial-cluster, name or URLs do not fit the member list.',
    over: '{subject} was refused earlier for an --initial-cluster, name or URL that did not fit, and answers now.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Compare its --initial-cluster, --name and --initial-advertise-peer-urls with the member list',
      tag: 'read-only',
      command: 'etcdctl member list -w table',
    },
    {
      text: 'Copy name and --initial-cluster exactly as member add printed them, with --initial-cluster-state=existing, and start the member',
      tag: 'restarts',
    },
    {
      text: 'If the peer URL in the list is wrong, correct it',
      tag: 'brief-interruption',
      command: 'etcdctl member update <id> --peer-urls=<url>',
    },
  ],
  doNot: ['start it as a new cluster', 'add a second entry for it: the quorum grows by a member that does not run'],
  owner: 'operator',
  alternatives: [
    { rule: 'dns-failure', why: 'The names would be right, and the resolver would fail.' },
    { rule: 'member-already-bootstrapped', why: 'It would have been started as new.' },
  ],
  wouldDisprove: ['an --initial-cluster that equals the member list name by name and URL by URL'],
  nextEvidence: [{ what: 'flags of the member', command: 'sudo etcd-collect   # on its node' }],
  thresholds: [],
  evaluate: (ctx) => {
    const failure = startFailure(
      {
        log: ctx.need.log,
        reachability: ctx.want.reachability,
        quorum: ctx.want.quorum,
        joining: ctx.want.membership?.unstarted.includes(ctx.subject.id),
      },
      [
        'member-count-unequal',
        'peerurls-no-match',
        'name-not-in-initial-cluster',
        'initial-advertise-mismatch',
        'two-same-name',
        'local-id-not-found',
      ],
      'Its log says that count, name or URLs do not match',
    );
    const flag = ctx.want.config?.members[ctx.subject.id]?.['initial-cluster'];
    const listed = ctx.want.membership?.members.filter((member) => member.started).length;
    const named = flag?.value.split(',').length;
    return [
      {
        message: failure.over ? 'over' : 'refused',
        ...failure.claim,
        evidence: [
          ...failure.evidence,
          ...(named === undefined || listed === undefined || flag?.origin === 'default'
            ? []
            : [
                supporting(named !== listed || undefined, 'It names another number of members than the list has', {
                  observed: `${named} named, ${listed} started`,
                  from: ['config', 'membership'] as const,
                }),
              ]),
        ],
      },
    ];
  },
});
