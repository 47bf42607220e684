import { defineRule, supporting } from '../../rule.js';
import { startFailure } from '../evidence/start-failure.js';

export default defineRule({
  id: 'member-already-bootstrapped',
  title: 'Member starts as new although the cluster knows it',
  category: 'lifecycle',
  role: 'cause',
  scope: 'member',
  why: 'The member finds no data and wants to found a cluster that exists: either its volume is missing, or its data are gone and it must be replaced properly.',
  needs: ['log'],
  wants: ['reachability', 'quorum', 'config'],
  explains: ['crash-loop', 'dead-member-in-list'],
  messages: {
    refused:
      '{subject} does not start: it begins with an empty data dir, while the other members know it as bootstrapped.',
    over: '{subject} was refused as already bootstrapped earlier, and answers now.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Check that the volume is mounted and --data-dir points to the old data',
      tag: 'read-only',
      command: 'ls -la <data-dir>/member; findmnt <data-dir>',
    },
    { text: 'With the data found: mount them and start the member again', tag: 'restarts' },
    {
      text: 'With the data gone, and a majority of the others healthy: remove the member, add it again and start it empty with --initial-cluster-state=existing',
      tag: 'disruptive',
      command: 'etcdctl member remove <id>; etcdctl member add <name> --peer-urls=<url>',
    },
  ],
  doNot: [
    'change --initial-cluster-token to get it started: it would found a second cluster on the same addresses',
    'set --initial-cluster-state=existing on an empty data dir without member remove and add: it would come back without its log',
  ],
  owner: 'operator',
  alternatives: [
    { rule: 'cluster-id-mismatch', why: 'The member would run, with another cluster id.' },
    { rule: 'raft-log-lost', why: 'It would have started as existing with an empty data dir, and panicked.' },
  ],
  wouldDisprove: ['a data dir with member/wal and member/snap in the place the member looks at'],
  nextEvidence: [
    {
      what: 'flags and data dir of the member',
      command: 'sudo etcd-collect --data-dir <member>=<dir>   # on its node',
    },
  ],
  thresholds: [],
  evaluate: (ctx) => {
    const failure = startFailure(
      { log: ctx.need.log, reachability: ctx.want.reachability, quorum: ctx.want.quorum },
      ['already-bootstrapped'],
      'Its log says that the member has already been bootstrapped',
    );
    const state = ctx.want.config?.members[ctx.subject.id]?.['initial-cluster-state'];
    return [
      {
        message: failure.over ? 'over' : 'refused',
        ...failure.claim,
        evidence: [
          ...failure.evidence,
          ...(state === undefined || state.origin === 'default'
            ? []
            : [
                supporting(state.value === 'new', 'It is told to found a new cluster', {
                  observed: state.value,
                  from: ['config'] as const,
                }),
              ]),
        ],
      },
    ];
  },
});
