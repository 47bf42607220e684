import type { ArtifactKind, Bundle, Manifest, SchemaTypes } from '../../schemas/index.js';
import type { LogSummary } from '../logs/types.js';
import type { SignatureState } from './loaded.js';

/** Parsed value of a kind: its schema type for JSON kinds, the whole text for the others (`metrics`, `diskstats`, ...). */
export type ArtifactValue<K extends ArtifactKind> = K extends keyof SchemaTypes ? SchemaTypes[K] : string;

/** One artifact of one bundle, verified against hash and schema. */
export interface LoadedArtifact<K extends ArtifactKind = ArtifactKind> {
  readonly kind: K;
  /** Id of the member, host or endpoint in the case (`CaseMember.id`, ...); `cluster` or `collection` for those scopes. */
  readonly targetId: string;
  /** Sampling round, 0-based; absent for what is read once. */
  readonly round?: number;
  /** Path below the bundle root. */
  readonly path: string;
  readonly bundleId: string;
  /** Start of the read, epoch ms; the start of the collection when the manifest does not say. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly value: ArtifactValue<K>;
}

/** Summary of one log slice; the text itself is never kept. */
export interface LoadedLog {
  readonly memberId: string;
  /** Which of several slices, e.g. `window`, `head`, `previous`. */
  readonly instance?: string;
  readonly path: string;
  readonly bundleId: string;
  /** Start of the read, epoch ms. */
  readonly startedAt: number;
  readonly summary: LogSummary;
  /** Why the log cannot be trusted whole (hash differs, archive ends inside it); empty when it can. */
  readonly flaws: readonly string[];
}

export interface BundleInfo {
  readonly id: string;
  /** Name as given on the command line, or `stdin`. */
  readonly file: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly collector: { readonly name: string; readonly version: string };
  readonly redaction: Bundle['redaction'];
  /** What names in it are: those of the place, or tokens of one series key, in words; absent when the manifest is missing. */
  readonly naming?: string;
  /** `unknown` when the manifest is missing. */
  readonly endReason: Manifest['endReason'] | 'unknown';
  /** Whole archive read, every hash and schema right. */
  readonly intact: boolean;
  /** Damage found, one readable line each. */
  readonly problems: readonly string[];
  /** Where the collector ran; absent when the manifest is missing. */
  readonly vantage?: Manifest['vantage'];
  readonly limits?: Manifest['limits'];
  /** Of an imported bundle: what it was made from, what was not used, what was assumed. */
  readonly imported?: NonNullable<Manifest['imported']>;
  readonly label?: string;
  readonly encrypted?: boolean;
  readonly signature?: SignatureState;
}

export interface CaseMember {
  /** 16 hex digits, or `endpoint-<slug>` for a seed whose member is unknown. */
  readonly id: string;
  /** Empty when unknown or never started. */
  readonly name: string;
  /** Target ids folded into this member: its own and those of seeds that turned out to be this member. */
  readonly targets: readonly string[];
  /** Addresses that the collector used. */
  readonly endpoints: readonly string[];
  readonly clientUrls: readonly string[];
  readonly peerUrls: readonly string[];
  readonly isLearner: boolean;
  /** Answered in any bundle; null when it was asked in none. */
  readonly reachable: boolean | null;
  /** Id of the host, known only when a collector ran on it. */
  readonly host?: string;
}

export interface CaseHost {
  readonly id: string;
  readonly name: string;
  /** Ids of the members seen on it. */
  readonly members: readonly string[];
}

/** An address as dialled from a vantage. */
export interface CaseEndpoint {
  readonly id: string;
  readonly endpoint: string;
  /** Member with this address among its client or peer URLs or used endpoints, when exactly one. */
  readonly member?: string;
  /** `advertised`: a client URL of the member list at which nobody read the member. */
  readonly role: 'client' | 'peer' | 'advertised' | 'unknown';
  readonly tls?: boolean;
}

/** A manifest item with its origin. */
export type CaseItem = Manifest['items'][number] & {
  readonly bundleId: string;
  /** Id in the case of the item's target: differs from `target.id` for a seed folded into its member. */
  readonly targetId: string;
  /** Why what was stored could not be used; absent when it could. */
  readonly damage?: readonly string[];
};

/** Everything known about one cluster from one or more bundles. Plain data and lookups; nothing here judges. */
export interface Case {
  readonly bundles: readonly BundleInfo[];
  /** Members sorted by name, then id. */
  readonly members: readonly CaseMember[];
  readonly hosts: readonly CaseHost[];
  readonly endpoints: readonly CaseEndpoint[];
  /** Manifest items of all bundles; reconstructed from paths where a manifest is missing. */
  readonly items: readonly CaseItem[];
  /** Artifacts of a kind, of one target or of all, sorted by start, bundle and round. Logs come from `logs`. */
  readonly artifacts: <K extends ArtifactKind>(kind: K, targetId?: string) => readonly LoadedArtifact<K>[];
  /** Log summaries of one member, or of all. */
  readonly logs: (memberId?: string) => readonly LoadedLog[];
  /** Cluster ids the members named, sorted, 16 hex digits; ids of no cluster (all zero) left out. */
  readonly clusterIds: readonly string[];
  /** Sampling window, epoch ms: first to last round; the whole collection when there were fewer than two rounds. */
  readonly window: { readonly from: number; readonly to: number };
  /** First start to last end of the collections, epoch ms. */
  readonly collection: { readonly from: number; readonly to: number };
  /** Largest number of sampling rounds in one bundle. */
  readonly rounds: number;
  /** Largest start skew between members within a round, ms. */
  readonly maxSkewMs: number;
  /** What does not fit together, in words (bundles of different clusters, the same bundle twice); everything is kept. */
  readonly conflicts: readonly string[];
}
