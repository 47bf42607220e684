import { defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { walSync } from '../evidence/wal-sync.js';

/** File systems reached over a network or through user space: sync tails and locks are another machine's matter. */
const REMOTE =
  /^(nfs\d?|cifs|smb\d?|smbfs|fuse(\..+)?|glusterfs|ceph|9p|virtiofs|afs|lustre|gpfs|ocfs2|gfs2|beegfs|vboxsf)$/;
/** Gone with the container or the machine. */
const VOLATILE = /^(overlay|aufs|tmpfs|ramfs)$/;
/** Copy on write: extra writes for each sync; usable with care. */
const COPY_ON_WRITE = /^(btrfs|zfs|bcachefs)$/;
/** Options that give up what a sync promises (ext4, xfs and NFS mount options). */
const UNSAFE = /^(nobarrier|barrier=0|data=writeback|async)$/;

export default defineRule({
  id: 'storage-network-or-unsuitable-fs',
  title: 'The data lie on a file system that etcd is not made for',
  category: 'storage',
  role: 'risk',
  scope: 'member',
  why: 'etcd relies on quick, true syncs and working file locks; network, overlay and memory file systems break one or the other.',
  needs: ['filesystems'],
  wants: ['walFsync', 'log'],
  explains: [
    'disk-slow-device',
    'disk-stall-intermittent',
    'bbolt-corruption',
    'wal-torn-tail',
    'filesystem-readonly-or-eio',
    'data-dir-locked-or-slow-open',
    'backend-commit-slow',
  ],
  messages: {
    slow: 'The {what} dir of {subject} lies on {type} ({mount}), and WAL syncs take {observed}.',
    remote: 'The {what} dir of {subject} lies on {type} ({mount}), a file system of another machine or of user space.',
    volatile: 'The {what} dir of {subject} lies on {type} ({mount}) and is lost with the container or at a reboot.',
    care: 'The {what} dir of {subject} lies on {type} ({mount}), which writes more for each sync than ext4 or xfs.',
    options: 'The {what} file system of {subject} ({mount}) is mounted with {option}: a sync may not reach the medium.',
  },
  basis: 'direct',
  remedy: [
    { text: 'See what the mount is', tag: 'read-only', command: 'findmnt -T <data dir>' },
    {
      text: 'Replace the members one at a time by members on a local ext4 or xfs',
      tag: 'disruptive',
      command: 'etcdctl member remove <id>; etcdctl member add <name> --peer-urls=<url>',
    },
  ],
  doNot: [
    'copy a live data dir between mounts',
    'start a member again with its old id after its memory file system was lost',
  ],
  owner: 'platform',
  alternatives: [{ rule: 'disk-slow-device', why: 'An ordinary local file system on a slow medium.' }],
  wouldDisprove: ['a local ext4 or xfs at the data dir and WAL dir'],
  nextEvidence: [{ what: 'the sync distribution on this mount', command: 'etcd-collect --window 300s --rounds 6' }],
  thresholds: ['fsync-slow-ms', 'fsync-harmful-ms', 'fsync-tail-share'],
  evaluate: (ctx) => {
    const mine = ctx.need.filesystems.filesystems.filter((fs) => fs.member === ctx.subject.id);
    if (mine.length === 0) return inconclusive('the file systems of this member were not read');
    const sync =
      ctx.want.walFsync === undefined
        ? undefined
        : walSync(ctx.want.walFsync, ctx.limit('fsync-slow-ms'), ctx.limit('fsync-tail-share'));
    return mine
      .filter(
        (fs, i) => mine.findIndex((other) => other.device === fs.device && other.mountPoint === fs.mountPoint) === i,
      )
      .map((fs) => {
        const remote = REMOTE.test(fs.fsType);
        const option = fs.options.find((candidate) => UNSAFE.test(candidate));
        const slow = remote && sync?.slow === true && sync.meanMs >= ctx.limit('fsync-harmful-ms');
        const unsuitable = remote || VOLATILE.test(fs.fsType) || COPY_ON_WRITE.test(fs.fsType) || option !== undefined;
        const message = slow
          ? 'slow'
          : remote
            ? 'remote'
            : VOLATILE.test(fs.fsType)
              ? 'volatile'
              : COPY_ON_WRITE.test(fs.fsType)
                ? 'care'
                : 'options';
        return {
          message,
          data: {
            what: fs.role,
            type: fs.fsType,
            mount: fs.mountPoint,
            option: option ?? '',
            observed: sync?.observed ?? '',
          },
          severity: slow ? ('high' as const) : message === 'care' ? ('info' as const) : ('warning' as const),
          role: slow ? ('cause' as const) : ('risk' as const),
          evidence: [
            necessary(unsuitable, `File system under the ${fs.role} dir`, {
              observed: `${fs.fsType} from ${fs.source}, ${fs.options.slice(0, 8).join(',')}`,
              limit: 'local ext4 or xfs',
              from: ['filesystems'],
            }),
            ...(sync === undefined || !remote
              ? []
              : [
                  supporting(sync.slow, 'WAL syncs take too long', {
                    observed: sync.observed,
                    threshold: 'fsync-slow-ms',
                    from: ['walFsync'],
                  }),
                ]),
            ...((ctx.want.log?.count('db-flocked-or-slow')?.total ?? 0) > 0
              ? [supporting(true, 'A start waited for the lock of the database file', { from: ['log'] })]
              : []),
          ],
        };
      });
  },
});
