import { contradicting, defineRule, necessary, supporting } from '../../rule.js';

const mib = (bytes: string): string => `${Math.round(Number(bytes) / 1024 / 1024)} MiB`;

export default defineRule({
  id: 'wal-snap-file-growth',
  title: 'WAL or snapshot files pile up',
  category: 'storage',
  role: 'risk',
  scope: 'member',
  why: 'Segments and received databases that are not purged fill the disk, and a full disk ends the member.',
  needs: ['dataFiles'],
  wants: ['filesystems', 'log', 'config'],
  explains: ['disk-full-enospc'],
  messages: {
    wal: '{subject} keeps {count} WAL segments ({size}); {limit} are kept by setting.',
    snap: '{subject} keeps {count} received databases and leftovers ({size}).',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'See what is there and how old it is',
      tag: 'read-only',
      command: 'ls -la --time-style=full-iso <data dir>/member/wal <data dir>/member/snap',
    },
    {
      text: 'Find a follower that keeps being rebuilt or a purge that fails',
      tag: 'read-only',
      command: 'grep -E "failed to (remove|lock) file|inflight snapshot" <etcd log>',
    },
    {
      text: 'Set --max-wals and --max-snapshots back to 5; on 3.4 and 3.5 lower --snapshot-count under a high write rate',
      tag: 'restarts',
    },
    {
      text: 'Remove *.broken and db.tmp* with the member stopped',
      tag: 'destructive',
      command: 'rm <data dir>/member/snap/<file that etcd itself named broken>',
    },
  ],
  doNot: ['remove *.wal or *.snap by hand: etcd purges what it no longer needs'],
  owner: 'operator',
  alternatives: [
    { rule: 'quota-nospace-live-data', why: 'The database file itself would be what grows.' },
    {
      rule: 'follower-snapshot-loop',
      why: 'Received databases would arrive because a follower is rebuilt again and again.',
    },
  ],
  wouldDisprove: ['a second listing, an hour later, with the files purged'],
  nextEvidence: [{ what: 'a second listing an hour later', command: 'sudo etcd-collect   # on the member’s node' }],
  thresholds: ['wal-files', 'snap-db-files', 'wal-snap-share'],
  evaluate: (ctx) => {
    const files = ctx.need.dataFiles;
    const settings = ctx.want.config?.members[ctx.subject.id];
    const kept = Number(settings?.['max-wals']?.value ?? 5);
    const snapshotCount = Number(settings?.['snapshot-count']?.value ?? 10_000);
    const limit = kept > 0 ? Math.max(ctx.limit('wal-files'), kept + 1) : ctx.limit('wal-files');
    const fs =
      ctx.want.filesystems?.filesystems.find((each) => each.member === ctx.subject.id && each.role === 'wal') ??
      ctx.want.filesystems?.filesystems.find((each) => each.member === ctx.subject.id);
    const share = (bytes: bigint): number | undefined =>
      fs === undefined || Number(fs.totalBytes) === 0 ? undefined : Number(bytes) / Number(fs.totalBytes);
    const severity = (bytes: bigint) =>
      (share(bytes) ?? 0) > ctx.limit('wal-snap-share') ? ('warning' as const) : ('info' as const);
    const purgeFails =
      (ctx.want.log?.count('purge-failed-remove')?.total ?? 0) + (ctx.want.log?.count('purge-failed-lock')?.total ?? 0);
    const snapBytes = BigInt(files.snapDbBytes) + BigInt(files.leftoverBytes);
    const fails =
      ctx.want.log === undefined
        ? []
        : [
            supporting(purgeFails > 0, 'The log names a purge that failed', {
              observed: `${purgeFails} lines`,
              limit: '0',
              from: ['log'],
            }),
          ];
    // Segments stay until the next snapshot: with a count of 100000 (3.4, 3.5) a busy member rightly keeps more of them.
    const large = snapshotCount >= 100_000 && files.walFiles <= limit * 4;
    return [
      {
        message: 'wal',
        data: { count: files.walFiles, size: mib(files.walBytes), limit: kept > 0 ? kept : 'all' },
        severity: large ? 'info' : severity(BigInt(files.walBytes)),
        evidence: [
          necessary(files.walFiles > limit, 'WAL segments in the listing', {
            observed: `${files.walFiles}`,
            limit: `${limit}`,
            threshold: 'wal-files',
            from: ['dataFiles'],
          }),
          ...fails,
          ...(kept === 0 ? [supporting(true, '--max-wals is 0: nothing is purged', { from: ['config'] })] : []),
          ...(large
            ? [
                contradicting(true, 'A large --snapshot-count keeps segments until the next snapshot', {
                  observed: `${snapshotCount}`,
                  from: ['config'],
                  answer: 'they take space all the same',
                }),
              ]
            : []),
        ],
      },
      {
        message: 'snap',
        data: { count: files.snapDbFiles + files.leftoverFiles, size: mib(snapBytes.toString()) },
        severity: severity(snapBytes),
        evidence: [
          necessary(
            files.snapDbFiles + files.leftoverFiles >= ctx.limit('snap-db-files'),
            'Received databases (*.snap.db) and leftovers (*.broken, db.tmp*)',
            {
              observed: `${files.snapDbFiles} and ${files.leftoverFiles}`,
              threshold: 'snap-db-files',
              from: ['dataFiles'],
            },
          ),
          ...fails,
        ],
      },
    ];
  },
});
