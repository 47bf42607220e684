/** The catalog: every artifact kind a bundle may hold. The contract between collector and analyzer. */

export type Scope = 'cluster' | 'member' | 'host' | 'endpoint' | 'collection';
export type Sensitivity = 'public' | 'internal' | 'sensitive';
export type Cost = 'cheap' | 'moderate' | 'costly';

export interface CatalogEntry {
  /** What kind of target the artifact belongs to. */
  readonly scope: Scope;
  /** Media type of the stored file; `application/json` kinds have a schema in `schemas/artifacts/`. */
  readonly mediaType: 'application/json' | 'text/plain' | 'application/jsonl';
  /** `once` per target, one `per-round`, or several named `instances` per target. */
  readonly repeats: 'once' | 'per-round' | 'instances';
  /** Sensitivity before redaction. */
  readonly sensitivity: Sensitivity;
  readonly cost: Cost;
  readonly description: string;
}

const entry = (
  scope: Scope,
  repeats: CatalogEntry['repeats'],
  sensitivity: Sensitivity,
  description: string,
  more: { cost?: Cost; mediaType?: CatalogEntry['mediaType'] } = {},
): CatalogEntry => ({
  scope,
  repeats,
  sensitivity,
  description,
  cost: more.cost ?? 'cheap',
  mediaType: more.mediaType ?? 'application/json',
});

const text = { mediaType: 'text/plain' } as const;

export const catalog = {
  'member-list': entry('member', 'once', 'internal', 'Membership as this member sees it (serializable)'),
  'alarm-list': entry('cluster', 'once', 'public', 'Active alarms, asked once and last'),
  'endpoint-status': entry('member', 'per-round', 'public', 'Maintenance.Status'),
  hashkv: entry('member', 'once', 'public', 'Hash of the key-value store at a common revision', { cost: 'moderate' }),
  'read-latency': entry('member', 'once', 'public', 'Latency of serializable and linearizable reads'),
  'auth-state': entry('member', 'once', 'public', 'Whether authentication is on'),
  metrics: entry('member', 'per-round', 'internal', 'Whole /metrics scrape', text),
  health: entry('member', 'once', 'public', 'GET /health'),
  livez: entry('member', 'once', 'public', 'GET /livez?verbose'),
  readyz: entry('member', 'once', 'public', 'GET /readyz?verbose'),
  version: entry('member', 'once', 'public', 'GET /version'),
  'server-config': entry('member', 'once', 'internal', 'Flags, environment and config file in force, allow-listed'),
  'server-limits': entry('member', 'once', 'public', 'Limits and scheduling of the process'),
  'server-certificates': entry('member', 'once', 'internal', 'Certificates named by the flags; never keys'),
  process: entry('member', 'per-round', 'public', 'CPU, memory, descriptors and I/O of the process'),
  cgroup: entry('member', 'per-round', 'public', 'Cgroup limits, throttling and pressure of the process'),
  sockets: entry(
    'member',
    'per-round',
    'internal',
    'TCP sockets by state and role, queues, round-trip times to peers',
    {
      cost: 'moderate',
    },
  ),
  'server-log': entry(
    'member',
    'instances',
    'sensitive',
    'Slices of the server log: head, recent window, previous containers',
    {
      mediaType: 'text/plain',
      cost: 'moderate',
    },
  ),
  'crash-markers': entry(
    'member',
    'once',
    'sensitive',
    'Panics in logs, exits of container or unit, core files by name',
    {
      cost: 'moderate',
    },
  ),
  'datadir-listing': entry('member', 'once', 'internal', 'Names and sizes in the data dir'),
  'datadir-wal': entry('member', 'once', 'internal', 'Write-ahead log: records, checksums, raft state', {
    cost: 'moderate',
  }),
  'datadir-snap': entry('member', 'once', 'internal', 'Raft snapshots: checksums, raft state, membership', {
    cost: 'moderate',
  }),
  'datadir-db': entry('member', 'once', 'internal', 'Database file: bbolt structure, own records, revisions', {
    cost: 'moderate',
  }),
  'host-os': entry('host', 'once', 'internal', 'Operating system, kernel, uptime'),
  'host-cpu': entry('host', 'once', 'public', 'Processors'),
  filesystems: entry('host', 'once', 'internal', 'Space, inodes and mount options of data and WAL file systems'),
  'block-devices': entry('host', 'once', 'public', 'Devices under data and WAL'),
  psi: entry('host', 'per-round', 'public', 'Pressure stall information'),
  diskstats: entry('host', 'per-round', 'public', '/proc/diskstats', text),
  vmstat: entry('host', 'per-round', 'public', '/proc/vmstat', text),
  meminfo: entry('host', 'per-round', 'public', '/proc/meminfo', text),
  loadavg: entry('host', 'per-round', 'public', '/proc/loadavg', text),
  'cpu-stat': entry('host', 'per-round', 'public', '/proc/stat (steal, iowait, context switches)', text),
  'net-counters': entry(
    'host',
    'per-round',
    'internal',
    '/proc/net/dev, snmp and netstat, each after a `# <path>` line',
    text,
  ),
  'net-config': entry('host', 'once', 'internal', 'Interfaces, routes to peers, resolver configuration'),
  'time-sync': entry('host', 'once', 'internal', 'Time synchronisation and clock source'),
  'host-processes': entry('host', 'per-round', 'internal', 'Busiest processes by CPU and I/O'),
  'kernel-log': entry('host', 'once', 'internal', 'Kernel log lines about OOM, I/O errors, hung tasks', text),
  'fsync-probe': entry('host', 'once', 'internal', 'fdatasync times beside the data and WAL dirs (--allow-load)', {
    cost: 'costly',
  }),
  dns: entry('endpoint', 'once', 'internal', 'Name resolution'),
  'tcp-connect': entry('endpoint', 'once', 'public', 'TCP connect times'),
  'tls-handshake': entry('endpoint', 'once', 'internal', 'TLS handshake and presented certificates'),
  'clock-offset': entry('endpoint', 'once', 'public', 'Clock offset from HTTP Date headers'),
  history: entry('cluster', 'instances', 'internal', 'Series of the last hours from a Prometheus, one file per query', {
    cost: 'moderate',
  }),
  keyspace: entry('cluster', 'once', 'internal', 'Number of keys by prefix (--allow-load --keyspace)', {
    cost: 'costly',
  }),
  'apiserver-health': entry('cluster', 'once', 'internal', 'Version, livez and readyz of the API server'),
  'apiserver-metrics': entry('cluster', 'per-round', 'internal', 'Families about etcd of the API server’s /metrics', {
    cost: 'moderate',
  }),
  'kube-nodes': entry('cluster', 'once', 'internal', 'Control-plane nodes: conditions, taints, versions'),
  'kube-pods': entry('cluster', 'once', 'internal', 'Pods of etcd and API server: restarts and last states'),
  'kube-events': entry('cluster', 'once', 'internal', 'Recent events about these pods', { cost: 'moderate' }),
  'kube-leases': entry('cluster', 'once', 'internal', 'Leader-election leases of the control plane'),
  'static-pods': entry(
    'host',
    'once',
    'internal',
    'Static pods of etcd and API server: listed flags, probes, resources',
  ),
  plan: entry('collection', 'once', 'internal', 'Every planned read'),
  'access-map': entry('collection', 'once', 'internal', 'What could be read and who can supply the rest'),
  'run-log': entry('collection', 'once', 'internal', 'Run log of the collector', { mediaType: 'application/jsonl' }),
  usage: entry('collection', 'once', 'public', 'Own footprint of the collector'),
} as const satisfies Record<string, CatalogEntry>;

export type ArtifactKind = keyof typeof catalog;

/** Kinds that the API server of a Kubernetes cluster is asked for. */
export const apiServerKinds: readonly ArtifactKind[] = [
  'apiserver-health',
  'apiserver-metrics',
  'kube-nodes',
  'kube-pods',
  'kube-events',
  'kube-leases',
];

export const artifactKinds = Object.keys(catalog) as ArtifactKind[];

/** Narrows a string from a bundle to a kind this version knows. */
export const isArtifactKind = (kind: string): kind is ArtifactKind => Object.hasOwn(catalog, kind);
