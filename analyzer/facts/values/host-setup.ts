import type { BlockDevicesArtifact, NetConfigArtifact, TimeSyncArtifact } from '../../../schemas/index.js';

/** How the host is set up, as the kernel and its files say; read once. */
export interface NetConfig {
  readonly interfaces: NetConfigArtifact['interfaces'];
  readonly routes: NetConfigArtifact['routes'];
  readonly resolver: NetConfigArtifact['resolver'] | null;
  readonly hosts: NetConfigArtifact['hosts'];
}

export interface TimeSync {
  /** Null when nothing on the host could tell. */
  readonly synchronised: boolean | null;
  /** What says so. */
  readonly by: TimeSyncArtifact['synchronisedBy'] | null;
  /** Local clock minus its source, ms; positive is ahead. */
  readonly offsetMs: number | null;
  readonly stratum: number | null;
  readonly server: string | null;
  readonly daemons: readonly string[];
  readonly clocksource: string | null;
}

export type BlockDevice = BlockDevicesArtifact['devices'][number];

export interface BlockDevices {
  readonly devices: readonly BlockDevice[];
}

/** fdatasync measured beside the WAL (else the data) of one member, by a process at low priority (--allow-load). */
export interface FsyncProbe {
  readonly role: 'wal' | 'data';
  readonly writes: number;
  readonly meanMs: number | null;
  readonly p50Ms: number | null;
  /** From 100 values on. */
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
  /** An append that had not come back at the end, ms. */
  readonly pendingMs: number | null;
  readonly ended: 'bytes' | 'time' | 'signal' | 'error';
  readonly device: string;
}

/** Numbers of keys by prefix (--allow-load --keyspace). */
export interface Keyspace {
  readonly askedMember: string;
  readonly root: string | null;
  /** Most keys first. */
  readonly prefixes: readonly { readonly prefix: string; readonly keys: number }[];
  /** Keys in the whole store; null when that was not reached. */
  readonly total: number | null;
  readonly others: number | null;
  readonly complete: boolean;
}
