import type { ArtifactKind } from '../../schemas/index.js';

/**
 * Something that speaks for a platform. `points` weigh it: 4 for what only this platform has, 1 for what others have too. Paths may hold
 * `*` for a part of one name.
 */
export type Sign =
  | { readonly kind: 'path'; readonly path: string; readonly points: number }
  | {
      readonly kind: 'text';
      readonly path: string;
      readonly pattern: RegExp;
      readonly says: string;
      readonly points: number;
    }
  /** A process of this host, by its command name. */
  | { readonly kind: 'process'; readonly pattern: RegExp; readonly points: number }
  /** A setting of a local etcd process. */
  | { readonly kind: 'setting'; readonly flag: string; readonly pattern: RegExp; readonly points: number }
  /** The systemd unit of a local etcd process. */
  | { readonly kind: 'unit'; readonly pattern: RegExp; readonly points: number };

/** Where the settings of a member are written down while it does not run. */
export type SettingsSource =
  /** Static pod with a container that runs etcd. */
  | { readonly kind: 'manifest'; readonly path: string }
  /** etcd's own config file. */
  | { readonly kind: 'config'; readonly path: string }
  /** `ETCD_NAME=value` lines. */
  | { readonly kind: 'environment'; readonly path: string }
  /** One flag a line. */
  | { readonly kind: 'arguments'; readonly path: string };

/** A certificate with which etcd lets a client in, as paths on the node; one `*` stands for the same text in all three. */
export interface Identity {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export type LogPlace =
  | { readonly kind: 'journal'; readonly unit: string }
  /** `/var/log/pods/<pod>...`, where `pod` is the beginning of `<namespace>_<pod>_<uid>`. */
  | { readonly kind: 'pod'; readonly pod: string; readonly container: string }
  | { readonly kind: 'file'; readonly path: string };

/** Who can give what this vantage cannot, and the command for it. */
export interface Supplier {
  readonly who: string;
  readonly command: string;
}

/** What this platform gives to nobody who stands here, whatever rights the user has. */
export interface OffLimits extends Supplier {
  readonly what: string;
  /** Kinds that are refused; none when it is no artifact of a bundle. */
  readonly kinds: readonly ArtifactKind[];
  /** `others`: of members of other hosts only. */
  readonly of?: 'all' | 'others';
  readonly why: string;
}

/** How etcd is run and reached on one platform. Pure data: docs/platforms/<name>.md says the same to people. */
export interface PlatformProfile {
  /** As in `--platform`. */
  readonly name: string;
  readonly title: string;
  readonly runsAs: string;
  /** `hidden`: etcd runs where no customer gets; `none`: another store is the default. */
  readonly etcd: 'here' | 'hidden' | 'none';
  readonly signs: readonly Sign[];
  readonly settings: readonly SettingsSource[];
  readonly dataDirs: readonly string[];
  readonly identities: readonly Identity[];
  readonly logs: readonly LogPlace[];
  /** Kubeconfigs of an administrator, on the node. */
  readonly kubeconfigs?: readonly string[];
  /** URLs as one dials them on the node. */
  readonly ports: { readonly client?: string; readonly peer?: string; readonly metrics: readonly string[] };
  readonly suppliers: {
    /** Files, processes and counters of a node. */
    readonly host: Supplier;
    /** A client certificate of etcd. */
    readonly certificate: Supplier;
    readonly log: Supplier;
  };
  readonly offLimits: readonly OffLimits[];
}

/** Kinds that need a place on the node of the member. */
export const nodeKinds: readonly ArtifactKind[] = [
  'server-config',
  'server-limits',
  'server-certificates',
  'process',
  'cgroup',
  'server-log',
  'datadir-listing',
  'host-os',
  'filesystems',
  'block-devices',
  'diskstats',
  'psi',
  'kernel-log',
];

/** Kinds that are asked of etcd over the network. */
export const memberKinds: readonly ArtifactKind[] = [
  'member-list',
  'endpoint-status',
  'metrics',
  'hashkv',
  'read-latency',
  'auth-state',
  'alarm-list',
  'health',
  'version',
];
