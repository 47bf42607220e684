import { type ArtifactKind, apiServerKinds, catalog } from './catalog.js';
import type { Target } from './types.generated.js';

/** Bundle format written by this version. Minor = additive, major = refused by older readers. */
export const FORMAT = { major: 1, minor: 0 } as const;
export const MAGIC = 'etcd-evidence';

export const HEADER_PATH = 'bundle.json';
export const MANIFEST_PATH = 'manifest.json';
export const CHECKSUMS_PATH = 'SHA256SUMS';
export const README_PATH = 'README.txt';
export const REDACTION_REPORT_PATH = 'redaction/report.json';

/** Suffix of the file that keeps the place of an item that could not be read. */
export const ERROR_SUFFIX = '.error.json';

const directories: Partial<Record<ArtifactKind, string>> = {
  'server-config': 'server/config',
  'server-limits': 'server/limits',
  'server-certificates': 'server/certificates',
  process: 'server/process',
  cgroup: 'server/cgroup',
  'server-log': 'logs/server',
  sockets: 'server/sockets',
  'crash-markers': 'logs/crash-markers',
  'datadir-listing': 'datadir/listing',
  'datadir-wal': 'datadir/wal',
  'datadir-snap': 'datadir/snap',
  'datadir-db': 'datadir/db',
  'host-os': 'os',
  'host-cpu': 'cpu',
  'fsync-probe': 'probes/fsync',
  'access-map': 'access',
  'run-log': 'log',
};

const extension = (kind: ArtifactKind): string => {
  if (kind === 'metrics') return '.prom';
  if (kind === 'server-log') return '.log';
  const { mediaType } = catalog[kind];
  return mediaType === 'application/json' ? '.json' : mediaType === 'application/jsonl' ? '.jsonl' : '.txt';
};

/** Makes any identifier safe as one path segment; never empty, never `.` or `..`. */
export const segment = (raw: string): string => {
  const safe = raw
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, 120);
  return safe === '' ? '_' : safe;
};

/** `host:port` of a URL or endpoint as a path segment and target id, e.g. `10.0.0.1_2379`. */
export const endpointSlug = (hostPort: string): string =>
  segment(hostPort.replace(/^[a-z]+:\/\//, '').replace(/[[\]]/g, ''));

/**
 * The path of an artifact below the bundle root: the only place that knows paths.
 * `round` is 0-based; `instance` names one of several (log slices).
 */
export const pathOf = (kind: ArtifactKind, target: Target, at: { round?: number; instance?: string } = {}): string => {
  const base = directories[kind] ?? kind;
  const suffix = `${at.instance === undefined ? '' : `-${segment(at.instance)}`}${at.round === undefined ? '' : `-${at.round}`}`;
  const name = `${base}${suffix}${extension(kind)}`;
  const id = segment(target.id);
  if (kind === 'history') return `history/series${suffix}${extension(kind)}`;
  if (apiServerKinds.includes(kind)) return `kubernetes/${name}`;
  if (kind === 'static-pods') return `kubernetes/static-pods/${id}${extension(kind)}`;
  if (kind === 'member-list') return `cluster/member-list/${id}${extension(kind)}`;
  switch (catalog[kind].scope) {
    case 'cluster':
      return `cluster/${name}`;
    case 'member':
      return `members/${id}/${name}`;
    case 'host':
      return `hosts/${id}/${name}`;
    case 'endpoint':
      return `vantage/${id}/${name}`;
    case 'collection':
      return `collection/${name}`;
  }
};

/** Stable id of a planned item: `kind@target[#round][/instance]`. */
export const itemId = (kind: ArtifactKind, target: Target, at: { round?: number; instance?: string } = {}): string =>
  `${kind}@${target.id}${at.round === undefined ? '' : `#${at.round}`}${at.instance === undefined ? '' : `/${at.instance}`}`;

/** `etcd-evidence_<scope>_<UTC yyyymmddThhmmssZ>_<id8>[_UNREDACTED]`: the root directory; the file adds `.tar.gz`. */
export const bundleName = (
  scope: string,
  createdAt: Date,
  bundleId: string,
  redaction: 'standard' | 'secrets-only' | 'none',
): string => {
  const stamp = createdAt
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.\d+Z$/, 'Z');
  return `etcd-evidence_${segment(scope)}_${stamp}_${bundleId.slice(0, 8)}${redaction === 'none' ? '_UNREDACTED' : ''}`;
};
