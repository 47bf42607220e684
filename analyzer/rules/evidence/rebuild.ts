import type { ReportStep } from '../../../schemas/index.js';

/** How a member whose files are damaged is replaced from the healthy majority, safest step first. */
export const rebuildMember: readonly ReportStep[] = [
  {
    text: 'Make sure that the other members hold a quorum and agree before touching this one',
    tag: 'read-only',
    command: 'etcdctl endpoint status --cluster -w table; etcdctl endpoint hashkv --cluster -w table',
  },
  {
    text: 'Take a snapshot from a healthy member and keep it off the machine',
    tag: 'read-only',
    command: 'etcdctl --endpoints=<healthy member> snapshot save <file>',
  },
  {
    text: 'Stop the member and copy its whole data dir and log: they are the only proof of what happened',
    tag: 'restarts',
    command: 'systemctl stop etcd && cp -a <data-dir> <data-dir>.kept',
  },
  {
    text: 'With a healthy majority: remove the member, empty its data dir, add it again and start it with --initial-cluster-state=existing',
    tag: 'destructive',
    command: 'etcdctl member remove <id>; etcdctl member add <name> --peer-urls=<url>',
  },
  {
    text: 'Without a majority: restore the newest good snapshot on all members',
    tag: 'destructive',
    command: 'etcdutl snapshot restore <file> --data-dir <new dir> ...',
  },
];

/** What makes a damaged member worse. */
export const damagedDoNot: readonly string[] = [
  'delete single files (WAL segments, .snap, db) to get it started',
  'copy files from the data dir of another member',
  'start it with --force-new-cluster while other members live',
  'wipe the data dir before a copy of it is safe',
];
