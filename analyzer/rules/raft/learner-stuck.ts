import { defineRule, necessary, notApplicable, supporting } from '../../rule.js';
import { linesOf } from '../evidence/log-lines.js';
import { spareOf } from '../evidence/voters.js';

export default defineRule({
  id: 'learner-stuck',
  title: 'Learner cannot be promoted',
  category: 'raft',
  role: 'cause',
  scope: 'member',
  why: 'A learner does not vote: until it is promoted it replaces nobody, and while it waits no other learner can be added.',
  needs: ['membership'],
  wants: ['raftLag', 'leaderView', 'leaderState', 'log', 'quorum', 'snapshots', 'reachability'],
  explains: ['reconfig-rejected'],
  messages: {
    unstarted: '{subject} was added as a learner and has never started.',
    cutOff: 'The learner {subject} has no leader: it gets no entries.',
    behind: 'The learner {subject} has {percent} % of the leader’s entries and does not come closer.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'See whether the learner runs, and whether leader and learner reach each other on the peer port',
      tag: 'read-only',
    },
    { text: 'Wait while a snapshot is still being sent to it', tag: 'read-only' },
    {
      text: 'Promote it through the endpoint of the leader once it has caught up',
      tag: 'brief-interruption',
      command: 'etcdctl member promote <id> --endpoints <leader>',
    },
    {
      text: 'If its data are old or its URLs wrong: remove the learner and add it again with an empty data dir',
      tag: 'disruptive',
      command: 'etcdctl member remove <id>; etcdctl member add <name> --learner --peer-urls=<url>',
    },
  ],
  doNot: ['add the member as a voter instead, to get around the wait: the quorum grows before it can vote'],
  owner: 'operator',
  alternatives: [
    { rule: 'follower-snapshot-loop', why: 'It says why a learner does not catch up: the snapshots to it repeat.' },
    { rule: 'dead-member-in-list', why: 'The learner ran, and its process is gone now.' },
    { rule: 'member-partitioned', why: 'The link to the learner is cut.' },
  ],
  wouldDisprove: ['a commit index of the learner that reaches the leader’s', 'a promotion that succeeds'],
  nextEvidence: [{ what: 'the log of the learner', command: 'sudo etcd-collect   # on its node' }],
  thresholds: ['learner-ready-share'],
  evaluate: (ctx) => {
    const id = ctx.subject.id;
    const { membership } = ctx.need;
    if (!membership.learners.includes(id)) return notApplicable('no member is a learner');
    const unstarted = membership.unstarted.includes(id);
    const cut = ctx.want.leaderView?.withoutLeader.includes(id);
    const lag = ctx.want.raftLag;
    const own = lag?.rounds.flatMap((round) => {
      const seen = round.members.find((member) => member.member === id);
      const leader = Number(round.leaderIndex);
      return seen === undefined || leader === 0
        ? []
        : [{ share: (leader - seen.entries) / leader, entries: seen.entries }];
    });
    const last = own?.at(-1);
    const closing = own !== undefined && own.length > 1 && (last?.entries ?? 0) < (own[0]?.entries ?? 0);
    // While the database is on its way to it, the learner has no entry of it yet.
    const { receiveInflight, applyInProgress } = ctx.want.snapshots ?? {};
    const filling = (receiveInflight?.last ?? 0) > 0 || (applyInProgress?.last ?? 0) > 0;
    const behind =
      last === undefined || (own?.length ?? 0) < 2
        ? undefined
        : last.share < ctx.limit('learner-ready-share') && !closing && !filling;
    const refused = ctx.want.leaderState?.learnerPromoteFailures;
    const logged = linesOf(ctx.want.log, ['learner-not-ready', 'learner-not-ready-err']);
    const blocks = ctx.want.quorum !== undefined && spareOf(ctx.want.quorum) <= 0 && membership.voters.length > 1;
    const alive = ctx.want.reachability?.answered ?? undefined;
    return [
      {
        message: unstarted ? 'unstarted' : cut === true ? 'cutOff' : 'behind',
        data: { percent: Math.floor((last?.share ?? 0) * 100) },
        severity: blocks ? 'high' : 'warning',
        evidence: [
          unstarted
            ? necessary(true, 'The member list has it without name and client URLs: it never joined', {
                from: ['membership'],
              })
            : necessary(
                cut === true ? true : behind,
                cut === true
                  ? 'The learner answers and knows no leader'
                  : 'Share of the leader’s entries that the learner has, and whether the rest shrinks',
                {
                  ...(last === undefined
                    ? {}
                    : { observed: `${(last.share * 100).toFixed(1)} %, ${last.entries} entries behind` }),
                  ...(cut === true ? {} : { threshold: 'learner-ready-share' as const }),
                  from: [cut === true ? 'leaderView' : 'raftLag'],
                },
              ),
          ...(unstarted ? [] : [supporting(alive, 'The learner itself answers', { from: ['reachability'] })]),
          supporting(
            (refused?.delta ?? 0) > 0 || (logged?.total ?? 0) > 0 || undefined,
            'A promotion was refused because the learner is not ready',
            { observed: `${logged?.total ?? 0} lines`, sources: logged?.sources ?? [] },
          ),
        ],
      },
    ];
  },
});
