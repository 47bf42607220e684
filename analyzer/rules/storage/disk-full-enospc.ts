import { type Claim, contradicting, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { lastWordsOf } from '../evidence/files.js';

const GiB = 1024 ** 3;
const size = (bytes: number): string =>
  bytes >= GiB ? `${Math.round((bytes / GiB) * 10) / 10} GiB` : `${Math.round((bytes / 1024 / 1024) * 10) / 10} MiB`;

const GROUPS = ['enospc', 'edquot', 'wal-prealloc-failed'] as const;

export default defineRule({
  id: 'disk-full-enospc',
  title: 'The file system under the data is full',
  category: 'storage',
  role: 'cause',
  scope: 'member',
  why: 'etcd ends itself when it cannot write; unlike the NOSPACE alarm there is no grace, and members that share the disk go together.',
  needs: [],
  wants: ['filesystems', 'log', 'reachability', 'alarms', 'storage', 'process', 'crashes'],
  explains: [
    'crash-loop',
    'quorum-lost',
    'wal-torn-tail',
    'follower-snapshot-loop',
    'dead-member-in-list',
    'liveness-probe-kill-loop',
  ],
  messages: {
    full: 'The {what} file system of {subject} ({mount}) has {left} left: the next WAL segment or database growth ends the process.',
    died: '{subject} could not write for lack of space and does not answer.',
    filling: 'The {what} file system of {subject} ({mount}) is {used} % used, {left} left.',
    noted: '{subject} reported a lack of space; it answers now.',
  },
  basis: 'direct',
  urgent: true,
  remedy: [
    {
      text: 'See what fills the file system',
      tag: 'read-only',
      command: 'df -h <data dir>; df -i <data dir>; du -xsh <mount point>/* | sort -h | tail',
    },
    {
      text: 'Check that the other members are healthy and have space before touching this one',
      tag: 'read-only',
      command: 'etcdctl endpoint health --cluster',
    },
    { text: 'Free what is not etcd’s: old logs, core dumps, backups, images', tag: 'brief-interruption' },
    { text: 'Grow the volume', tag: 'brief-interruption' },
    { text: 'Start the member again and see it catch up', tag: 'restarts', command: 'systemctl start etcd' },
    {
      text: 'When it still cannot start, remove it and add it again with an empty data dir',
      tag: 'destructive',
      command: 'etcdctl member remove <id>; etcdctl member add <name> --peer-urls=<url>',
    },
  ],
  doNot: [
    'delete *.wal, *.snap or db by hand',
    'disarm alarms or compact: the etcd quota is another limit',
    'defragment: it needs room for a second copy of the database',
  ],
  owner: 'operator',
  alternatives: [
    {
      rule: 'quota-nospace-live-data',
      why: 'The NOSPACE alarm would be armed, with the process alive and space on the disk.',
    },
    { rule: 'wal-snap-file-growth', why: 'etcd’s own WAL or snapshot files would be what fills the disk.' },
    { rule: 'filesystem-readonly-or-eio', why: 'The error would be an I/O error or a read-only file system.' },
  ],
  wouldDisprove: ['df and df -i of data and WAL dir with room at the time of the failure'],
  nextEvidence: [
    {
      what: 'space and inodes of the data dir, also of a member that does not run',
      command: 'sudo etcd-collect --data-dir <member>=<dir> --log <member>=<file>',
    },
  ],
  thresholds: ['disk-left-bytes', 'disk-gone-bytes', 'disk-full-share', 'disk-used-share'],
  evaluate: (ctx) => {
    const id = ctx.subject.id;
    const mine = ctx.want.filesystems?.filesystems.filter((fs) => fs.member === id) ?? [];
    const { log, reachability } = ctx.want;
    const words = lastWordsOf(ctx.want.crashes, GROUPS);
    if (mine.length === 0 && log === undefined && words === undefined)
      return inconclusive('neither the file systems nor the log of the member were read');
    const counts = GROUPS.map((group) => log?.count(group) ?? null).filter((count) => count !== null);
    const lines = log === undefined ? undefined : counts.reduce((sum, count) => sum + count.total, 0);
    const last = counts.reduce((latest, count) => Math.max(latest, count.last ?? 0), 0);
    const started = ctx.want.process?.startedAt ?? null;
    const answers = reachability?.answered ?? undefined;
    const logged =
      words !== undefined && (lines ?? 0) === 0
        ? supporting(true, 'Its last words name the lack of space', { observed: words.line, from: ['crashes'] })
        : supporting(lines === undefined ? undefined : lines > 0, 'The log names the lack of space', {
            observed: `${lines ?? 0} lines`,
            limit: '0',
            from: ['log'],
          });
    const noAlarm =
      ctx.want.alarms?.armed.some((armed) => armed.alarm === 'NOSPACE') === true
        ? [
            contradicting(true, 'The NOSPACE alarm is armed too', {
              from: ['alarms'],
              answer: 'it belongs to the quota of the database, not to the file system',
            }),
          ]
        : [];
    const claims: Claim[] = [];
    for (const fs of mine) {
      const left = Number(fs.availableBytes);
      const noInodes = Number(fs.inodesTotal) > 0 && Number(fs.inodesFree) === 0;
      const tight = left < ctx.limit('disk-left-bytes');
      const used = fs.usedShare ?? 0;
      const gone = left < ctx.limit('disk-gone-bytes') || noInodes;
      // A volume of few segments holds its preallocated ones with little room beside them and is not full.
      const full = gone || (tight && used > ctx.limit('disk-full-share'));
      if (mine.indexOf(fs) > 0 && mine[0]?.device === fs.device) continue;
      const data = {
        what: fs.role,
        mount: fs.mountPoint,
        left: noInodes ? 'no inode' : size(left),
        used: Math.round(used * 100),
      };
      claims.push({
        message: full ? 'full' : 'filling',
        data,
        severity: full ? (gone ? 'critical' : 'high') : 'warning',
        role: full ? 'cause' : 'risk',
        urgent: full,
        evidence: [
          full
            ? necessary(true, `Space of the ${fs.role} file system`, {
                observed: data.left,
                threshold: 'disk-left-bytes',
                from: ['filesystems'],
              })
            : necessary(
                tight || (used > ctx.limit('disk-used-share') && left < 10 * GiB),
                `Use of the ${fs.role} file system`,
                {
                  observed: `${data.used} %, ${data.left} left`,
                  threshold: 'disk-used-share',
                  from: ['filesystems'],
                },
              ),
          ...(full ? [logged, ...noAlarm] : []),
        ],
      });
    }
    const isFull = claims.some((claim) => claim.message === 'full');
    const spoke = (lines ?? 0) > 0;
    // The last words of a member that answers are those of an earlier process.
    if (!isFull && (spoke || (words !== undefined && answers !== true))) {
      const over = answers === true && (started === null || started > last);
      claims.push({
        message: answers === true ? 'noted' : 'died',
        severity: answers === true ? 'warning' : 'critical',
        when: answers === true && (over || last < ctx.window.from) ? 'past' : 'now',
        evidence: [
          spoke
            ? necessary(true, 'The log names the lack of space', {
                observed: `${lines} lines`,
                limit: '0',
                from: ['log'],
              })
            : necessary(true, 'Its last words name the lack of space', {
                observed: words?.line ?? '',
                from: ['crashes'],
              }),
          ...(answers === true
            ? []
            : [
                necessary(answers === undefined ? undefined : true, 'The member does not answer', {
                  from: ['reachability'],
                }),
              ]),
          ...noAlarm,
        ],
      });
    }
    return claims;
  },
});
