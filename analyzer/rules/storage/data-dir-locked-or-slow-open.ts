import { defineRule, necessary, supporting } from '../../rule.js';

export default defineRule({
  id: 'data-dir-locked-or-slow-open',
  title: 'The start waits for the database file',
  category: 'storage',
  role: 'cause',
  scope: 'member',
  why: 'A member that waits for a file lock or reads a large file page by page runs, but serves nothing, and probes kill it in the middle.',
  needs: ['log'],
  wants: ['reachability', 'storage', 'dataFiles', 'filesystems'],
  explains: ['liveness-probe-kill-loop', 'quorum-lost', 'dead-member-in-list', 'crash-loop'],
  messages: {
    waiting: '{subject} waits for its database file: another process holds the lock, or reading it takes long.',
    past: '{subject} waited for its database file at a start and serves now.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Find who holds the file',
      tag: 'read-only',
      command: 'sudo fuser -v <data dir>/member/snap/db; sudo lslocks | grep snap/db',
    },
    { text: 'When it is merely slow, wait and lengthen start-up probes', tag: 'read-only' },
    {
      text: 'Stop the second etcd or offline tool on this data dir',
      tag: 'restarts',
      command: 'kill <pid of the other process>',
    },
    {
      text: 'Later shrink the database: compact, then defragment one member at a time',
      tag: 'brief-interruption',
      command: 'etcdctl --endpoints=<one member> defrag',
    },
  ],
  doNot: ['copy the database away to get rid of the lock', 'start a third process on the same data dir'],
  owner: 'operator',
  alternatives: [
    { rule: 'bbolt-corruption', why: 'The process would panic instead of waiting.' },
    { rule: 'crash-loop', why: 'The process would end and start again.' },
  ],
  wouldDisprove: ['no process with the file open and a line in the log that the database was opened'],
  nextEvidence: [{ what: 'processes that have the file open', command: 'sudo fuser -v <data dir>/member/snap/db' }],
  thresholds: [],
  evaluate: (ctx) => {
    const { log } = ctx.need;
    const waits = log.count('db-flocked-or-slow');
    const opened = log.count('opened-backend');
    const last = waits?.last ?? null;
    const openedLater = (opened?.last ?? 0) > (last ?? 0);
    const answers = ctx.want.reachability?.answered ?? undefined;
    const serves = answers === true || openedLater;
    const port = log.count('addr-in-use');
    return [
      {
        message: serves ? 'past' : 'waiting',
        severity: serves ? 'info' : 'high',
        role: serves ? 'notice' : 'cause',
        when: serves ? 'past' : 'now',
        urgent: false,
        evidence: [
          necessary(waits !== null, 'The log says that the file is locked or slow to open', {
            observed: `${waits?.total ?? 0} lines`,
            limit: '0',
            from: ['log'],
          }),
          ...(serves
            ? []
            : [
                necessary(answers === undefined ? undefined : !answers, 'The member does not answer', {
                  from: ['reachability'],
                }),
              ]),
          ...(port !== null
            ? [
                supporting(true, 'A second instance asked for the same ports', {
                  observed: `${port.total} lines`,
                  from: ['log'],
                }),
              ]
            : []),
          ...(openedLater && opened?.worstSeconds != null
            ? [
                supporting(true, 'It was opened later: slow, not locked', {
                  observed: `${Math.round(opened.worstSeconds)} s`,
                  from: ['log'],
                }),
              ]
            : []),
        ],
      },
    ];
  },
});
