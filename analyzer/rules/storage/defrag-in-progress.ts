import { defineRule, inconclusive, necessary, supporting } from '../../rule.js';

/** A start without an end longer ago than this is a crash or a lost line, not a defragmentation; own estimate. */
const LONGEST_MS = 30 * 60_000;

export default defineRule({
  id: 'defrag-in-progress',
  title: 'A defragmentation blocks this member',
  category: 'storage',
  role: 'cause',
  scope: 'member',
  why: 'While it rewrites its database a member applies and answers nothing; clients pinned to it time out although raft goes on.',
  needs: [],
  wants: ['defrag', 'log', 'proposals', 'dataFiles', 'leaderView', 'leaderChanges', 'process'],
  explains: [
    'api-server-waits-for-etcd',
    'apply-backlog',
    'read-index-slow',
    'lease-expiry-storm',
    'liveness-probe-kill-loop',
    'slow-follower-lag',
    'proposals-pending-pileup',
    'backend-commit-slow',
    'go-gc-pressure',
    'disk-stall-intermittent',
  ],
  messages: {
    running: 'A defragmentation is running on {subject}{since}.',
    finished: 'A defragmentation ran on {subject} in the window and is done{took}.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Wait, and watch the size of the database drop',
      tag: 'read-only',
      command: 'etcdctl endpoint status --cluster -w table',
    },
    { text: 'Find who started it, and see that no other member is next right away', tag: 'read-only' },
    {
      text: 'Next time move leadership away first, one member at a time with pauses',
      tag: 'brief-interruption',
      command: 'etcdctl --endpoints=<leader> move-leader <id of another member>',
    },
    {
      text: 'From 3.5.14 let clients turn to other members meanwhile',
      tag: 'restarts',
      command:
        'etcd --experimental-stop-grpc-service-on-defrag=true   # 3.6+: --feature-gates=StopGRPCServiceOnDefrag=true',
    },
  ],
  doNot: ['kill the process in the middle', 'start another defragmentation'],
  owner: 'operator',
  alternatives: [
    { rule: 'disk-contention-other-io', why: 'The I/O would come from another process.' },
    { rule: 'apply-backlog', why: 'The backlog would not end with the defragmentation.' },
  ],
  wouldDisprove: ['etcd_disk_defrag_inflight at 0 while the member still does not answer'],
  nextEvidence: [
    { what: 'whether it still runs', command: 'curl -s <metrics url>/metrics | grep etcd_disk_defrag_inflight' },
  ],
  thresholds: [],
  evaluate: (ctx) => {
    const { defrag, log } = ctx.want;
    const start = log?.count('defrag-start') ?? log?.count('defragmenting') ?? undefined;
    const end = log?.count('defrag-finished') ?? log?.count('defrag-failed') ?? undefined;
    if (defrag === undefined && log === undefined)
      return inconclusive('neither metrics nor the log of the member were read');
    const inflight = defrag?.inflight ?? undefined;
    const running = inflight === undefined ? undefined : inflight.last >= 1;
    const restarted = (ctx.want.process?.startedAt ?? 0) > (start?.last ?? 0);
    const open =
      start === undefined || start.last === null
        ? false
        : !restarted && (end?.last ?? 0) < start.last && ctx.window.to - start.last < LONGEST_MS;
    const runs = defrag?.runs?.window?.count ?? 0;
    const leads = ctx.want.leaderView?.leader === ctx.subject.id;
    const since = open && start?.last ? `, since ${new Date(start.last).toISOString()}` : '';
    const tmp = ctx.want.dataFiles?.defragTmpAt ?? undefined;
    const isRunning = running ?? (log === undefined ? undefined : open);
    const mean = defrag?.runs?.window?.meanMs ?? null;
    return [
      {
        message: 'running',
        data: { since },
        severity: leads ? 'high' : 'warning',
        evidence: [
          necessary(isRunning, 'A defragmentation is in flight', {
            observed:
              inflight === undefined ? (open ? 'started, no end in the log' : 'none in the log') : `${inflight.last}`,
            limit: '0',
            from: ['defrag', 'log'],
          }),
          ...(running === true && open
            ? [supporting(true, 'The log has its start and no end', { from: ['log'] })]
            : []),
          ...(tmp === undefined
            ? []
            : [supporting(true, 'Its temporary file is in the data dir', { from: ['dataFiles'] })]),
        ],
      },
      {
        message: 'finished',
        data: { took: mean === null ? '' : ` (${Math.round(mean)} ms)` },
        severity: 'info',
        role: 'notice',
        evidence: [
          necessary(
            isRunning === true
              ? false
              : runs > 0 || ((inflight?.max ?? 0) >= 1 && inflight?.last === 0)
                ? true
                : isRunning === undefined
                  ? undefined
                  : false,
            'A defragmentation ended in the window',
            {
              observed: `${runs}`,
              limit: '0',
              from: ['defrag'],
            },
          ),
        ],
      },
    ];
  },
});
