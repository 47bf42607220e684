import { contradicting, defineRule, inconclusive, necessary, supporting } from '../../rule.js';

const mib = (bytes: number): string => `${Math.round((bytes / 1024 / 1024) * 10) / 10} MiB`;

export default defineRule({
  id: 'defrag-needed',
  title: 'Most of the database file is free pages',
  category: 'storage',
  role: 'risk',
  scope: 'member',
  why: 'The quota counts the whole file, snapshots copy it and each start reads it, free pages included.',
  needs: ['storage'],
  wants: ['log', 'filesystems'],
  explains: [],
  messages: {
    free: 'Of the {size} database file of {subject} {free} are free pages ({share} %).',
    quota: 'The database file of {subject} fills {quota} % of its quota, and {share} % of it are free pages.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Check that the file system has room for a second copy of the database',
      tag: 'read-only',
      command: 'df -h <data dir>',
    },
    {
      text: 'Defragment one member at a time, followers first, with a pause between them; the member answers nothing meanwhile',
      tag: 'brief-interruption',
      command: 'etcdctl --endpoints=<one follower> defrag',
    },
    {
      text: 'Move leadership away and defragment the former leader last',
      tag: 'brief-interruption',
      command:
        'etcdctl --endpoints=<leader> move-leader <id of a defragmented member> && etcdctl --endpoints=<former leader> defrag',
    },
    {
      text: 'On 3.5.0 to 3.5.5 defragment offline instead, the member stopped',
      tag: 'restarts',
      command: 'etcdutl defrag --data-dir <data dir>',
    },
  ],
  doNot: ['defragment all members at once', 'defragment on a tight schedule: free pages are used again'],
  owner: 'operator',
  alternatives: [
    {
      rule: 'quota-nospace-no-compaction',
      why: 'The pages would be in use by old revisions, and a defragmentation would free nothing.',
    },
    { rule: 'backup-long-read-txn', why: 'An open read would keep pages from being used again.' },
  ],
  wouldDisprove: ['a size in use close to the size of the file'],
  nextEvidence: [],
  thresholds: ['free-pages-share', 'free-pages-bytes', 'defrag-near-quota-share'],
  evaluate: (ctx) => {
    const { sizeBytes, inUseBytes, freeShare, sizeShare } = ctx.need.storage;
    if (inUseBytes === null || freeShare === null)
      return inconclusive('the server does not tell how much of its file is in use');
    const free = Number(BigInt(sizeBytes) - BigInt(inUseBytes));
    const near = sizeShare > ctx.limit('defrag-near-quota-share');
    const share = Math.round(freeShare * 100);
    const room = ctx.want.filesystems?.filesystems.find((fs) => fs.member === ctx.subject.id && fs.role === 'data');
    const compacted = ctx.want.log?.count('compaction-finished')?.total ?? 0;
    return [
      {
        message: near ? 'quota' : 'free',
        data: { size: mib(Number(sizeBytes)), free: mib(free), share, quota: Math.round(sizeShare * 100) },
        severity: near ? 'warning' : 'info',
        evidence: [
          necessary(freeShare > ctx.limit('free-pages-share'), 'Share of free pages', {
            observed: `${share} %`,
            threshold: 'free-pages-share',
            from: ['storage'],
          }),
          necessary(near || free > ctx.limit('free-pages-bytes'), 'Worth it: free pages, or the quota is near', {
            observed: `${mib(free)}, file at ${Math.round(sizeShare * 100)} % of the quota`,
            threshold: 'free-pages-bytes',
            from: ['storage'],
          }),
          ...(compacted > 0
            ? [supporting(true, 'A compaction is on record, so the free pages are final', { from: ['log'] })]
            : []),
          ...(room !== undefined && Number(room.availableBytes) < Number(inUseBytes)
            ? [
                contradicting(true, 'The file system has no room for the copy', {
                  observed: mib(Number(room.availableBytes)),
                  from: ['filesystems'],
                  answer: 'make room first',
                }),
              ]
            : []),
        ],
      },
    ];
  },
});
