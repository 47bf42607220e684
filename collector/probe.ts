import type { ArtifactKind, Cost, SchemaTypes, State, Target } from '../schemas/index.js';
import type { LoadPermission } from './load.js';
import type { EtcdPort } from './ports/etcd.js';
import type { FilesPort } from './ports/files.js';
import type { HttpPort } from './ports/http.js';
import type { KubernetesPort } from './ports/kubernetes.js';
import type { NetPort } from './ports/net.js';
import type { LogPlace } from './platforms/profile.js';
import type { PrometheusPort } from './ports/prometheus.js';
import type { ScratchPort } from './ports/scratch.js';

/** Why an item is not `ok`. Prose for each is added at the edge, in messages.ts. */
export type ReasonCode =
  | 'connection-refused'
  | 'connection-timeout'
  | 'connection-reset'
  | 'no-route'
  | 'name-not-resolved'
  | 'tls-untrusted'
  | 'tls-name-mismatch'
  | 'tls-expired'
  | 'tls-client-certificate'
  | 'tls-protocol'
  | 'not-answering'
  | 'stopped-answering'
  | 'auth-required'
  | 'auth-failed'
  | 'permission-denied'
  | 'no-quorum'
  | 'not-supported-by-server'
  | 'not-for-learner'
  | 'http-status'
  | 'malformed-answer'
  | 'too-large'
  | 'file-missing'
  | 'file-access'
  | 'not-local'
  | 'no-such-process'
  | 'not-this-platform'
  | 'schema-mismatch'
  | 'redaction-failed'
  | 'item-timeout'
  | 'budget-exhausted'
  | 'interrupted'
  | 'size-cap'
  | 'not-asked'
  | 'target-unreachable'
  | 'write-blocked'
  | 'prometheus-answer'
  | 'load-refused'
  | 'no-kubeconfig'
  | 'kubeconfig-unusable'
  | 'unexpected';

/** Thrown inside probes and ports; caught only in run-probe.ts. `message` must already be free of secrets. */
export class ProbeError extends Error {
  constructor(
    readonly state: Exclude<State, 'ok' | 'partial' | 'empty'>,
    readonly reason: ReasonCode,
    message: string,
    readonly detail: { readonly grpcStatus?: string; readonly httpStatus?: number; readonly permission?: string } = {},
  ) {
    super(message);
    this.name = 'ProbeError';
  }
}

/** A local etcd process, matched to its member by name, data dir and URLs. */
export interface LocalMember {
  readonly pid: number;
  /** Start time in clock ticks after boot: tells a re-used pid apart. */
  readonly startTicks: string;
  readonly executable: string;
  /** Allow-listed flags in force (command line over environment over config file), names without dashes. */
  readonly settings: Readonly<Record<string, string>>;
  readonly dataDir?: string;
  readonly walDir?: string;
  /** What matched the process to the member, in words. */
  readonly matchedBy: string;
  /** Where this platform keeps the log, for when the process does not tell. */
  readonly logPlaces?: readonly LogPlace[];
}

/** One etcd member, or a seed whose member id could not be learnt (`id` = `endpoint-<slug>`). */
export interface MemberTarget extends Target {
  readonly kind: 'member';
  readonly name?: string;
  /** `host:port` dialled for gRPC. */
  readonly endpoint: string;
  readonly tls: boolean;
  readonly clientUrls: readonly string[];
  readonly peerUrls: readonly string[];
  readonly isLearner: boolean;
  readonly discoveredBy: 'seed' | 'member-list' | 'process' | 'flag';
  /** Base URLs to try for /metrics and health, in order; the client URL is among them. */
  readonly httpUrls: readonly string[];
  readonly local?: LocalMember;
  /** Explicit log files from `--log [MEMBER=]FILE`. */
  readonly logFiles?: readonly string[];
}

export interface HostTarget extends Target {
  readonly kind: 'host';
  readonly members: readonly MemberTarget[];
}

export interface EndpointTarget extends Target {
  readonly kind: 'endpoint';
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** `advertised`: a client URL of the member list at which the member is not read. */
  readonly role: 'client' | 'peer' | 'advertised' | 'metrics';
  /** URL whose Date header is read for the clock offset, when it speaks HTTP. */
  readonly httpUrl?: string;
  readonly memberId?: string;
}

export interface ClusterTarget extends Target {
  readonly kind: 'cluster';
  readonly members: readonly MemberTarget[];
}

/** What every probe gets: its deadline and the doors it may use. All port calls take `signal` and end when it aborts. */
export interface ProbeContext<T> {
  readonly target: T;
  /** 0-based sampling round of a per-round probe. */
  readonly round?: number;
  /** Aborted at the item's deadline, at the end of the budget, or on SIGINT/SIGTERM. */
  readonly signal: AbortSignal;
  /** Milliseconds this item may take. */
  readonly timeoutMs: number;
  readonly etcd: EtcdPort;
  readonly http: HttpPort;
  readonly net: NetPort;
  readonly files: FilesPort;
  /** Only when one was named. */
  readonly prometheus?: PrometheusPort;
  /** Only with a kubeconfig. */
  readonly kubernetes?: KubernetesPort;
  /** Only with --allow-load. */
  readonly scratch?: ScratchPort;
  /** Only with --allow-load --keyspace. */
  readonly keyspace?: KeyspaceOrder;
  /** Wall clock, ms since epoch; injected. */
  readonly now: () => number;
  /** Monotonic clock, ms. */
  readonly monotonic: () => number;
  /** Shared small facts between rounds of one run, e.g. the common revision for HashKV; written by collect.ts only. */
  readonly shared: SharedFacts;
  readonly logs: { readonly sinceMs: number; readonly maxBytes: number; readonly headBytes: number };
}

/** Permission to count keys, and what to count besides the well-known prefixes. */
export interface KeyspaceOrder {
  readonly permission: LoadPermission;
  readonly prefixes: readonly string[];
}

/** Learnt by the run between phases. */
export interface SharedFacts {
  /** Smallest store revision over all members in the last round; absent when no member answered. */
  readonly commonRevision?: string;
  readonly members: readonly MemberTarget[];
}

/** Content of one stored file: a JSON value of the kind's schema, or raw bytes for text kinds. */
export interface ProbePart<K extends ArtifactKind> {
  readonly instance?: string;
  readonly content: K extends keyof SchemaTypes ? SchemaTypes[K] : Buffer | string;
  readonly bytesOriginal?: number;
  readonly truncation?: { readonly skippedBytes?: number; readonly description: string };
}

export interface ProbeResult<K extends ArtifactKind> {
  readonly state: 'ok' | 'partial' | 'empty';
  /** Reason of `partial` or `empty`. */
  readonly reason?: ReasonCode;
  readonly message?: string;
  /** What was read: RPC and endpoint, URL, or path; without secrets. */
  readonly source: string;
  readonly grpcStatus?: string;
  readonly httpStatus?: number;
  readonly parts: readonly ProbePart<K>[];
}

interface TargetOf {
  readonly cluster: ClusterTarget;
  readonly member: MemberTarget;
  readonly host: HostTarget;
  readonly endpoint: EndpointTarget;
}

/**
 * Collector unit: one question to one target, one artifact, no judgement.
 * `phase`: `once` runs before the sampling rounds, `round` in every round, `after` after them, `last` at the very end;
 * `load` then, one by one and alone, is for what adds load and was asked for.
 */
export interface Probe<K extends ArtifactKind = ArtifactKind, S extends keyof TargetOf = keyof TargetOf> {
  readonly kind: K;
  readonly scope: S;
  readonly title: string;
  /** What is read, in words, for `plan`. */
  readonly reads: string;
  readonly permission: string;
  readonly impact: 'read-only' | 'adds-load';
  readonly cost: Cost;
  readonly phase: 'once' | 'round' | 'after' | 'last' | 'load';
  /** Of a probe in the phase `round`: only the first and the last one, for answers that are dear. */
  readonly rounds?: 'ends';
  /** Items of one lane run one after another; default the target. */
  readonly lane?: string;
  /** Own timeout when it needs more or less than the run's item timeout, ms. */
  readonly timeoutMs?: number;
  /** Probes with `false` are planned as `not-applicable` for the target, with the reason. */
  readonly appliesTo?: (target: TargetOf[S]) => true | { readonly reason: ReasonCode; readonly message: string };
  /** RPC, URL path or file, for `plan`. */
  readonly source: (target: TargetOf[S]) => string;
  readonly run: (context: ProbeContext<TargetOf[S]>) => Promise<ProbeResult<K>>;
}

export const defineProbe = <K extends ArtifactKind, S extends keyof TargetOf>(probe: Probe<K, S>): Probe<K, S> => probe;
