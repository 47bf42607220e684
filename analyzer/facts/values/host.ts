import type { BlockDevices, NetConfig, TimeSync } from './host-setup.js';

export type * from './host-setup.js';

export interface DeviceActivity {
  readonly name: string;
  /** `major:minor` */
  readonly device: string;
  readonly readsPerSecond: number;
  readonly writesPerSecond: number;
  readonly readBytesPerSecond: number;
  readonly writeBytesPerSecond: number;
  /** Mean time of one request from queueing to completion, ms; null without requests. */
  readonly readAwaitMs: number | null;
  readonly writeAwaitMs: number | null;
  /** Flushes (kernel 5.5+); null on older kernels or without flushes. */
  readonly flushAwaitMs: number | null;
  readonly flushesPerSecond: number | null;
  /** Time with any request in flight, 0..1. 1 does not mean saturated on devices that serve requests in parallel. */
  readonly utilisation: number;
  /** Mean number of requests in flight. */
  readonly queue: number;
  readonly rotational: boolean | null;
  readonly model: string | null;
  readonly sizeBytes: string | null;
  /** Whole disk of a partition, or lower devices of dm/md. */
  readonly below: readonly string[];
  /** Members whose data or WAL is on it (or on a device on top of it). */
  readonly holds: readonly { readonly member: string; readonly role: 'data' | 'wal' }[];
}

export interface DiskActivity {
  readonly seconds: number;
  /** Busiest first; devices without any request are left out unless they hold data. */
  readonly devices: readonly DeviceActivity[];
  /** Devices that hold data or WAL. */
  readonly etcdDevices: readonly DeviceActivity[];
}

export interface Writers {
  readonly seconds: number;
  /** Whether the I/O of other processes could be read; without it `others` is only what the device saw beyond etcd. */
  readonly ioReadable: boolean;
  readonly processes: readonly {
    readonly pid: number;
    readonly command: string;
    readonly member: string | null;
    readonly writeBytesPerSecond: number | null;
    readonly readBytesPerSecond: number | null;
    readonly cpuCores: number;
  }[];
  readonly etcdWriteBytesPerSecond: number | null;
  readonly otherWriteBytesPerSecond: number | null;
  /** Per device with etcd data: the share of its writes that etcd processes account for, 0..1 (page cache delay makes it an estimate). */
  readonly devices: readonly {
    readonly name: string;
    readonly writeBytesPerSecond: number;
    readonly etcdWriteBytesPerSecond: number | null;
    readonly etcdShare: number | null;
  }[];
  readonly truncated: boolean;
}

export interface HostCpu {
  readonly seconds: number;
  readonly logicalCpus: number;
  /** Percent of all CPU time in the window. */
  readonly busyPercent: number;
  readonly userPercent: number;
  readonly systemPercent: number;
  readonly iowaitPercent: number;
  readonly stealPercent: number;
  readonly softirqPercent: number;
  readonly contextSwitchesPerSecond: number | null;
  /** procs_running and procs_blocked, largest over the rounds. */
  readonly maxRunnable: number | null;
  readonly maxBlocked: number | null;
  readonly load1: number | null;
  readonly load1PerCpu: number | null;
}

export interface HostMemory {
  readonly totalBytes: string | null;
  readonly availableBytes: string | null;
  readonly availableShare: number | null;
  /** Least over the rounds. */
  readonly minAvailableBytes: string | null;
  readonly dirtyBytes: string | null;
  readonly writebackBytes: string | null;
  readonly swapTotalBytes: string | null;
  readonly swapFreeBytes: string | null;
  /** Pages per second. */
  readonly swapInPerSecond: number | null;
  readonly swapOutPerSecond: number | null;
  readonly majorFaultsPerSecond: number | null;
  readonly oomKills: number | null;
  readonly oomKillsInWindow: number | null;
}

export interface NetworkScope {
  /** `host`, or the member whose network namespace it is. */
  readonly of: string;
  readonly seconds: number;
  readonly interfaces: readonly {
    readonly name: string;
    readonly rxBytesPerSecond: number;
    readonly txBytesPerSecond: number;
    readonly rxErrors: number;
    readonly txErrors: number;
    readonly rxDrops: number;
    readonly txDrops: number;
    readonly errorsSinceBoot: number;
    readonly dropsSinceBoot: number;
  }[];
  readonly segmentsOutPerSecond: number | null;
  readonly retransmitted: number | null;
  /** Retransmitted / sent TCP segments in the window, 0..1; null without segments. */
  readonly retransmitShare: number | null;
  readonly retransmitShareSinceBoot: number | null;
  readonly synRetransmits: number | null;
  readonly listenOverflows: number | null;
  readonly listenDrops: number | null;
  readonly timeouts: number | null;
}

export interface Network {
  /** The host's namespace first; members in namespaces of their own after it. */
  readonly scopes: readonly NetworkScope[];
}

export interface FilesystemValue {
  readonly member: string;
  readonly role: 'data' | 'wal';
  readonly path: string;
  readonly mountPoint: string;
  readonly fsType: string;
  readonly source: string;
  readonly device: string;
  readonly options: readonly string[];
  readonly readOnly: boolean;
  readonly totalBytes: string;
  readonly availableBytes: string;
  /** 0..1; as df reckons it: used / (used + available). */
  readonly usedShare: number | null;
  readonly inodesTotal: string;
  readonly inodesFree: string;
  readonly inodesUsedShare: number | null;
  readonly onRoot: boolean;
  /** Role and member share the file system with others in this list. */
  readonly sharedWith: readonly string[];
}

export interface Filesystems {
  readonly filesystems: readonly FilesystemValue[];
}

export type KernelEventKind =
  | 'oom'
  | 'io-error'
  | 'readonly-remount'
  | 'filesystem-error'
  | 'hung-task'
  | 'lockup'
  | 'hardware-error'
  | 'link-down'
  | 'time-jump'
  | 'other';

export interface KernelEvents {
  readonly events: readonly {
    readonly kind: KernelEventKind;
    /** Epoch ms, null when the line has no usable time. */
    readonly at: number | null;
    readonly line: number;
    readonly text: string;
    /** It names an etcd process. */
    readonly etcd: boolean;
    /** Device it names, if any. */
    readonly device: string | null;
  }[];
  readonly counts: Readonly<Partial<Record<KernelEventKind, number>>>;
  readonly truncated: boolean;
}

/** Facts derived for each host. */
export interface HostFactValues {
  readonly diskActivity: DiskActivity;
  readonly writers: Writers;
  readonly cpu: HostCpu;
  readonly memory: HostMemory;
  readonly network: Network;
  readonly filesystems: Filesystems;
  readonly kernelEvents: KernelEvents;
  readonly netConfig: NetConfig;
  readonly timeSync: TimeSync;
  readonly blockDevices: BlockDevices;
}
