import type { Counter, Latency } from './common.js';

/** One API server as it saw its etcd while one bundle was collected. */
export interface ApiServerView {
  readonly bundleId: string;
  readonly server: string;
  readonly kubeconfigFrom: 'flag' | 'environment' | 'platform';
  /** gitVersion; null when it was not told. */
  readonly version: string | null;
  /** Epoch ms; null when unknown. */
  readonly startedAt: number | null;
  /** Between the first and the last scrape of one process; null with one scrape, or when another process answered the second. */
  readonly seconds: number | null;
  /** Requests to etcd by operation (`get`, `create`, `update`, `delete`, `list`, ...), the most first. */
  readonly operations: readonly { readonly operation: string; readonly latency: Latency }[];
  /** Requests about single objects, whose time does not grow with an answer: all but lists. Null when there is none. */
  readonly single: Latency | null;
  /** Requests to etcd that failed (Kubernetes 1.27+). */
  readonly failed: Counter | null;
  /** Size of the database that etcd told it, bytes; null when it told none. */
  readonly dbSizeBytes: string | null;
  /** Answers to its own clients. */
  readonly served: {
    readonly all: Counter;
    readonly serverErrors: Counter;
    readonly tooManyRequests: Counter;
  } | null;
  /** Failing checks of readyz and livez by path; null when neither was answered. */
  readonly failing: readonly { readonly path: string; readonly checks: readonly string[] }[] | null;
}

export interface ApiServer {
  /** One for each bundle that asked one, in the order of the bundles. */
  readonly views: readonly ApiServerView[];
}

export interface StoredKind {
  /** `resource.group`, or a prefix. */
  readonly name: string;
  readonly count: number;
  /** Of all objects that were counted, 0..1. */
  readonly share: number;
  /** Growth between the two scrapes; null when unknown. The API server counts every minute only. */
  readonly delta: number | null;
  /** Estimate of the API server (Kubernetes 1.34+), bytes; null when it gives none. */
  readonly bytes: number | null;
}

/** Objects in the store by kind. */
export interface StoredObjects {
  /** `api-server`: its gauges; `keyspace`: counted in etcd by prefix. */
  readonly origin: 'api-server' | 'keyspace';
  readonly total: number;
  /** Most first. */
  readonly kinds: readonly StoredKind[];
  /** Sum of the estimates, bytes; null when there is none. */
  readonly totalBytes: number | null;
}

/** The control plane as the API server tells of it. */
export interface ControlPlane {
  readonly pods: readonly {
    readonly component: 'etcd' | 'kube-apiserver';
    readonly node: string | null;
    readonly ready: boolean | null;
    readonly restarts: number;
    /** Last end of its container; null when it is not told of. */
    readonly lastExit: {
      readonly reason: string | null;
      readonly exitCode: number | null;
      /** Epoch ms. */
      readonly at: number | null;
    } | null;
  }[];
  /** Names of nodes whose condition Ready is not True, and conditions of pressure. */
  readonly ailingNodes: readonly { readonly node: string; readonly conditions: readonly string[] }[];
  readonly nodes: number;
  /** Events of type Warning about these pods. */
  readonly warnings: readonly {
    readonly component: 'etcd' | 'kube-apiserver';
    readonly reason: string;
    readonly count: number;
    /** Epoch ms. */
    readonly last: number | null;
  }[];
  /** Elections of leaders of the control plane. */
  readonly leases: readonly {
    readonly name: string;
    readonly transitions: number | null;
    /** Since its last renewal by the clock of the API server, s. */
    readonly ageSeconds: number | null;
    readonly durationSeconds: number | null;
  }[];
}

export interface StaticPods {
  readonly pods: readonly {
    /** Host id. */
    readonly host: string;
    readonly component: 'etcd' | 'kube-apiserver';
    /** Allow-listed flags without dashes. */
    readonly flags: Readonly<Record<string, string>>;
    readonly probes: readonly {
      readonly kind: 'liveness' | 'readiness' | 'startup';
      /** URL without host, or `exec`. */
      readonly asks: string | null;
      readonly periodSeconds: number | null;
      readonly timeoutSeconds: number | null;
      readonly failureThreshold: number | null;
    }[];
  }[];
}
