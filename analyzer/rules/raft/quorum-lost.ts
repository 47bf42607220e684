import { defineRule, necessary, supporting } from '../../rule.js';
import { linesOf } from '../evidence/log-lines.js';

export default defineRule({
  id: 'quorum-lost',
  title: 'No majority: the cluster cannot commit',
  category: 'raft',
  role: 'cause',
  scope: 'cluster',
  why: 'Without a majority nothing is written and no linearizable read is answered, and every further step can turn an outage into data loss.',
  needs: ['quorum'],
  wants: ['leaderView', 'reachability', 'status', 'log', 'alarms'],
  explains: [
    'api-server-waits-for-etcd',
    'leader-flapping',
    'proposals-pending-pileup',
    'read-index-slow',
    'slow-follower-lag',
    'apply-backlog',
    'lease-expiry-storm',
    'reconfig-rejected',
  ],
  messages: {
    gone: '{missing} of {voters} voters do not answer ({names}); {needed} are needed to commit, and no leader is known to those that answer.',
    leaderless:
      '{answering} of {voters} voters answer, enough for a majority of {needed}, and yet none of them has a leader.',
  },
  basis: 'direct',
  urgent: true,
  remedy: [
    { text: 'Keep this bundle and the logs of all members', tag: 'read-only' },
    {
      text: 'Find out why each missing member is gone: process, node, disk, network',
      tag: 'read-only',
      command: 'systemctl status etcd; journalctl -u etcd -n 100',
    },
    {
      text: 'Start the missing members again on their own, unchanged data; one is enough as soon as the majority is reached',
      tag: 'restarts',
      command: 'systemctl start etcd   # on the missing member',
    },
    {
      text: 'If that does not bring the majority back: copy the data dir of every member before anything else is tried',
      tag: 'read-only',
      command: 'cp -a <data-dir> <backup-dir>   # with the member stopped',
    },
    {
      text: 'Only when a majority is gone for good: restore the newest snapshot into a new cluster, or start the most advanced survivor once with --force-new-cluster and add empty members to it',
      tag: 'destructive',
      command: 'etcdutl snapshot restore <file> --data-dir <new-dir> ...',
    },
  ],
  doNot: [
    'wipe or remove a member while the majority is missing: its data may be needed to get the majority back',
    'use --force-new-cluster on more than one member, or while others may come back',
    'restore a backup before it is certain that the members cannot be brought back',
  ],
  owner: 'operator',
  alternatives: [
    { rule: 'leader-flapping', why: 'A leader would be elected between the outages.' },
    { rule: 'member-partitioned', why: 'The majority would work on the other side of the cut.' },
    { rule: 'crash-loop', why: 'It would say why members are down: their logs show several starts.' },
  ],
  wouldDisprove: [
    'a linearizable read that succeeds through any member',
    'a leader known to a member that the collector did not reach',
  ],
  nextEvidence: [
    { what: 'the log and host state of each missing member', command: 'sudo etcd-collect   # on its node' },
    {
      what: 'whether the members reach each other on the peer port',
      command: 'nc -vz <peer host> 2380   # from every member',
    },
  ],
  thresholds: [],
  evaluate: (ctx) => {
    const { quorum } = ctx.need;
    const names = (ids: readonly string[]): string => ids.map(ctx.nameOf).join(', ');
    const gone = quorum.reachable.length < quorum.needed;
    const searching = [...ctx.each('log')].flatMap(([id, log]) => {
      const lines = linesOf(log, [
        'raft-new-election',
        'raft-pre-candidate',
        'raft-no-leader-drop',
        'raft-no-leader-read',
      ]);
      return lines === undefined ? [] : [{ id, ...lines }];
    });
    const voting = searching.filter((lines) => lines.inWindow > 0);
    const positions = [...ctx.each('status')].map(
      ([id, status]) =>
        `${ctx.nameOf(id)}: term ${status.last.raftTerm}, commit index ${status.last.raftIndex}, revision ${status.last.revision}`,
    );
    return [
      {
        message: gone ? 'gone' : 'leaderless',
        data: {
          missing: quorum.unreachable.length,
          voters: quorum.voters.length,
          names: names(quorum.unreachable),
          needed: quorum.needed,
          answering: quorum.reachable.length,
        },
        severity: 'critical',
        evidence: [
          necessary(
            quorum.hasQuorum === null ? undefined : !quorum.hasQuorum,
            'No member that answers knows a leader, and no linearizable read succeeded',
            { observed: quorum.reasons.join('; '), from: ['quorum'] },
          ),
          supporting(gone, 'Fewer voters answer than a majority needs', {
            observed: `${quorum.reachable.length} of ${quorum.voters.length}`,
            limit: String(quorum.needed),
            from: ['quorum'],
          }),
          supporting(
            quorum.commitsAdvanced === null ? undefined : !quorum.commitsAdvanced,
            'The commit index stood still between the rounds',
            { from: ['quorum'] },
          ),
          supporting(searching.length === 0 ? undefined : voting.length > 0, 'Members keep looking for a leader', {
            observed: `in the log of ${names(voting.map(({ id }) => id))}`,
            sources: voting.flatMap(({ sources }) => sources).slice(0, 3),
          }),
          ...(positions.length === 0
            ? []
            : [supporting(true, 'How far the members that answer are', { observed: positions.join('; ') })]),
        ],
      },
    ];
  },
});
