import type { FaultDefinition } from '../../fault.js';
import defragLoaded from './defrag-loaded.js';
import diskContention from './disk-contention.js';
import diskFull from './disk-full.js';
import diskStall from './disk-stall.js';
import diskThrottled from './disk-throttled.js';
import filesystemReadonly from './filesystem-readonly.js';
import ioError from './io-error.js';
import longSnapshotRead from './long-snapshot-read.js';
import slowFsync from './slow-fsync.js';
import slowVolume from './slow-volume.js';

export const storageFaults = [
  slowFsync,
  slowVolume,
  diskStall,
  diskContention,
  diskThrottled,
  diskFull,
  filesystemReadonly,
  ioError,
  defragLoaded,
  longSnapshotRead,
] as unknown as readonly FaultDefinition[];
