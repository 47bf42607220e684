import { slowStorageConsequences } from '../faults/storage/support/truths.js';
import type { Scenario } from '../scenario.js';

const family = 'storage';

export const storageScenarios: readonly Scenario[] = [
  {
    id: 'slow-fsync-follower',
    title: 'every sync of a follower takes 120 ms longer',
    family,
    faults: [{ fault: 'slow-fsync', on: 'follower' }],
  },
  {
    id: 'slow-fsync-leader',
    title: 'every sync of the leader takes 120 ms longer',
    family,
    faults: [{ fault: 'slow-fsync', on: 'leader' }],
    quick: true,
  },
  {
    id: 'slow-fsync-leader-mild',
    title:
      'every sync of the leader takes 40 ms longer: slower than any disk for etcd may be, and nobody has noticed yet',
    family,
    faults: [{ fault: 'slow-fsync', on: 'leader', params: { ms: 40 } }],
  },
  {
    id: 'slow-fsync-leader-harsh',
    title: 'every sync of the leader takes 500 ms longer: heartbeats come as late as followers can bear',
    family,
    faults: [{ fault: 'slow-fsync', on: 'leader', params: { ms: 500 } }],
  },
  {
    id: 'slow-fsync-all',
    title: 'the disks of all members got slow together: every sync takes 80 ms longer',
    family,
    faults: [{ fault: 'slow-fsync', on: 'all', params: { ms: 80 } }],
  },
  {
    id: 'slow-fsync-over',
    title: 'the disk of the leader was slow for a while, and has been well for 25 seconds',
    family,
    faults: [{ fault: 'slow-fsync', on: 'leader', params: { ms: 200 } }],
    settle: 25,
    over: 25,
    truth: { causes: ['disk-slow-device'], verdict: ['transient'], also: slowStorageConsequences },
  },
  {
    id: 'slow-volume-leader',
    title: 'the volume under the leader takes only 40 writes per second',
    family,
    faults: [{ fault: 'slow-volume', on: 'leader' }],
  },
  {
    id: 'disk-stalls-leader',
    title: 'the disk under the leader stands still for 2.5 s, every ten seconds',
    family,
    faults: [{ fault: 'disk-stall', on: 'leader' }],
    settle: 15,
    quick: true,
  },
  {
    id: 'disk-stalls-follower-rare',
    title: 'the disk under a follower stands still for 1.8 s, every 25 seconds',
    family,
    faults: [{ fault: 'disk-stall', on: 'follower', params: { everyS: 25, ms: 1800 } }],
    settle: 15,
  },
  {
    id: 'filesystem-freezes-leader',
    title:
      'the file system under the leader is frozen for 2.5 s, every ten seconds, as by a job that snapshots volumes',
    family,
    faults: [{ fault: 'disk-stall', on: 'leader', params: { how: 'freeze' } }],
    settle: 15,
  },
  {
    id: 'disk-contention-leader',
    title: 'another process on the host of the leader writes as much as the disk takes',
    family,
    faults: [{ fault: 'disk-contention', on: 'leader' }],
    quick: true,
  },
  {
    id: 'disk-contention-follower',
    title: 'another process on the host of a follower writes as much as the disk takes',
    family,
    faults: [{ fault: 'disk-contention', on: 'follower', params: { writers: 4 } }],
  },
  {
    id: 'disk-throttled-leader',
    title: 'the control group of the leader may write 20 times per second',
    family,
    faults: [{ fault: 'disk-throttled', on: 'leader' }],
  },
  {
    id: 'disk-throttled-follower',
    title: 'the control group of a follower may write 30 times per second',
    family,
    faults: [{ fault: 'disk-throttled', on: 'follower', params: { iops: 30 } }],
  },
  {
    id: 'disk-full-follower',
    title: 'the disk of a follower is full of something else, and etcd has ended',
    family,
    faults: [{ fault: 'disk-full', on: 'follower' }],
    quick: true,
  },
  {
    id: 'filesystem-readonly-follower',
    title: 'the file system under a follower has found an error and takes no writes any more',
    family,
    faults: [{ fault: 'filesystem-readonly', on: 'follower' }],
  },
  {
    id: 'io-error-follower',
    title: 'the disk of a follower answered a sync with an I/O error, and etcd has ended',
    family,
    faults: [{ fault: 'io-error', on: 'follower' }],
  },
  {
    id: 'defrag-loaded-follower',
    title: 'a follower is defragmented again and again while it has work to do',
    family,
    faults: [{ fault: 'defrag-loaded', on: 'follower' }],
  },
  {
    id: 'defrag-loaded-leader',
    title: 'the leader is defragmented again and again while it has work to do',
    family,
    faults: [{ fault: 'defrag-loaded', on: 'leader' }],
  },
  {
    id: 'slow-backup',
    title: 'a backup client has been reading a snapshot of a follower for half a minute, slowly; the file hardly grows',
    family,
    faults: [{ fault: 'long-snapshot-read', on: 'follower' }],
    // A backup that takes a minute is no incident.
    truth: {
      causes: [],
      verdict: ['healthy'],
      also: { 'backup-long-read-txn': 'the transfer is open for longer than etcd finds usual' },
    },
  },
  {
    id: 'backup-holds-pages',
    title: 'a backup client never ends reading a snapshot, and the file grows by all that is written meanwhile',
    family,
    cluster: { flags: ['--auto-compaction-mode=periodic', '--auto-compaction-retention=5s'] },
    // Without the reader the file keeps its size: what is overwritten is compacted, and its pages are used again.
    loads: [{ load: 'kubernetes' }, { load: 'puts', params: { rate: 40, valueBytes: 65_536, keys: 100 } }],
    faults: [{ fault: 'long-snapshot-read', on: 'follower', params: { mb: 32, kbPerSecond: 20 } }],
    settle: 60,
    truth: {
      causes: ['backup-long-read-txn'],
      verdict: ['investigate'],
      fromOneNode: {
        causes: [],
        verdict: ['healthy', 'inconclusive', 'investigate'],
        missing: 'that somebody reads a snapshot stands in the log of the member that is read',
      },
    },
  },
];
