import type { Rule } from '../../rule.js';
import backendCommitSlow from './backend-commit-slow.js';
import backupLongReadTxn from './backup-long-read-txn.js';
import dataDirLockedOrSlowOpen from './data-dir-locked-or-slow-open.js';
import defragInProgress from './defrag-in-progress.js';
import defragNeeded from './defrag-needed.js';
import diskContentionOtherIo from './disk-contention-other-io.js';
import diskFullEnospc from './disk-full-enospc.js';
import diskIopsThrottled from './disk-iops-throttled.js';
import diskSaturatedByEtcd from './disk-saturated-by-etcd.js';
import diskSlowDevice from './disk-slow-device.js';
import diskStallIntermittent from './disk-stall-intermittent.js';
import filesystemReadonlyOrEio from './filesystem-readonly-or-eio.js';
import storageNetworkOrUnsuitableFs from './storage-network-or-unsuitable-fs.js';
import walSnapFileGrowth from './wal-snap-file-growth.js';

export const storageRules: readonly Rule[] = [
  diskSlowDevice,
  diskContentionOtherIo,
  diskSaturatedByEtcd,
  diskStallIntermittent,
  diskIopsThrottled,
  storageNetworkOrUnsuitableFs,
  backendCommitSlow,
  diskFullEnospc,
  filesystemReadonlyOrEio,
  walSnapFileGrowth,
  defragNeeded,
  defragInProgress,
  backupLongReadTxn,
  dataDirLockedOrSlowOpen,
];
