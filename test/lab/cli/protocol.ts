import type { Params } from '../fault.js';
import type { LoadReport } from '../load.js';
import type { LoadStep, Where } from '../scenario.js';
import type { Truth } from '../truth.js';
import type { ClusterOptions } from '../cluster/cluster-types.js';
import type { Failure } from './errors.js';

/** What a daemon is asked to start. Plain data: it crosses from one process to another. */
export interface StartOrder {
  readonly name: string;
  readonly ttlMs: number;
  readonly cluster: ClusterOptions;
  readonly loads: readonly LoadStep[];
  /** Id of a scenario whose loads, waits and faults follow. */
  readonly scenario?: string;
}

/** One line of JSON from the command to the daemon. */
export type Request =
  | { readonly op: 'status' }
  | { readonly op: 'fault'; readonly name: string; readonly on: readonly Where[]; readonly params: Params }
  | { readonly op: 'load'; readonly name: string; readonly params: Params }
  | { readonly op: 'clear'; readonly what: ClearWhat }
  | { readonly op: 'down' };

/** A number, all faults, or all loads. */
export type ClearWhat = number | 'all' | 'loads';

/** One line of JSON back: any number of `step`, then one of the others. */
export type Reply =
  | { readonly kind: 'step'; readonly text: string }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'error'; readonly failure: Failure; readonly message: string; readonly advice?: string };

export interface Results {
  readonly status: Status;
  readonly fault: InForce;
  readonly load: InForce;
  readonly clear: Cleared;
  readonly down: { readonly dir: string };
}

export interface MemberStatus {
  readonly name: string;
  readonly id: string;
  /** A spare stands by, outside the cluster, until a fault needs it. */
  readonly role: 'spare' | 'leader' | 'follower' | 'learner' | 'no leader' | 'no answer' | 'paused' | 'ended';
  /** 0 when it never ran. */
  readonly pid: number;
  readonly version: string;
  readonly clientUrl: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly host?: HostStatus;
}

export interface HostStatus {
  readonly name: string;
  /** Put in front of a command, it runs it on this host. */
  readonly inside: readonly string[];
  readonly disk: string;
  readonly device: string;
}

/** A fault or a load that goes on. Faults and loads share their numbers. */
export interface InForce {
  readonly number: number;
  readonly kind: 'fault' | 'load';
  readonly name: string;
  readonly title: string;
  readonly params: Params;
  /** Names of members; empty for a load or a fault of the whole cluster. */
  readonly members: readonly string[];
  /** Epoch ms. */
  readonly since: number;
  /** Of a fault. */
  readonly truth?: Truth;
}

export interface Cleared {
  readonly cleared: readonly (InForce & { readonly report?: LoadReport })[];
  /** Seconds until all running members served; absent when other faults are in force, or when there was nothing to wait for. */
  readonly servesAfter?: number;
  /** Why not, when they did not serve in time. */
  readonly notServing?: string;
}

export interface Status {
  readonly name: string;
  readonly state: 'starting' | 'running' | 'ending';
  /** Of the daemon. */
  readonly pid: number;
  readonly log: string;
  /** Epoch ms; 0 while it starts. */
  readonly endsAt: number;
  /** Absent while it starts. */
  readonly cluster?: ClusterStatus;
  readonly inForce: readonly InForce[];
  readonly scenario?: {
    readonly id: string;
    readonly title: string;
    readonly truth: Truth;
    /** Names of members that its faults were done to. */
    readonly members: readonly string[];
  };
  /** Errors that nobody waited for, the latest last. */
  readonly problems: readonly string[];
}

export interface ClusterStatus {
  /** The lab directory: data, logs, certificates. */
  readonly dir: string;
  readonly version: string;
  /** Directory of etcdctl. */
  readonly tools: string;
  readonly tls: boolean;
  readonly members: readonly MemberStatus[];
  readonly endpoints: readonly string[];
  /** Flags of etcdctl and etcd-collect that reach it. */
  readonly flags: readonly string[];
  readonly login?: { readonly user: string; readonly password: string };
}

/** From the daemon to the command that started it, over the process channel. */
export type StartEvent =
  | { readonly event: 'step'; readonly text: string }
  | { readonly event: 'ready'; readonly status: Status }
  | { readonly event: 'failed'; readonly failure: Failure; readonly message: string; readonly advice?: string };

/** The other way: the order, and that the answer was received. Before `taken` the lab ends with its caller. */
export type StartCommand = { readonly start: StartOrder } | { readonly taken: true };
