import type { Copies } from './copies.js';
import type { History } from './history.js';
import type { Keyspace } from './host-setup.js';
import type { ApiServer, ControlPlane, StaticPods, StoredObjects } from './kubernetes.js';
import type { Certificates, ClockOffsets, PeerMatrix } from './links.js';

export type * from './copies.js';
export type * from './history.js';
export type * from './kubernetes.js';
export type * from './links.js';

export interface MembershipMember {
  readonly id: string;
  readonly name: string;
  readonly peerURLs: readonly string[];
  readonly clientURLs: readonly string[];
  readonly isLearner: boolean;
  /** False for a member that was added and never joined (no name, no client URLs). */
  readonly started: boolean;
  /** Viewers whose list has it, and whose list does not. */
  readonly seenBy: readonly string[];
  readonly notSeenBy: readonly string[];
}

export interface Membership {
  /** Union of all views, sorted by name, then id. */
  readonly members: readonly MembershipMember[];
  readonly voters: readonly string[];
  readonly learners: readonly string[];
  readonly unstarted: readonly string[];
  readonly views: readonly {
    readonly viewer: string;
    readonly clusterId: string;
    readonly raftTerm: string;
    readonly ids: readonly string[];
  }[];
  readonly agree: boolean;
  readonly differences: readonly {
    readonly member: string;
    readonly field: 'presence' | 'name' | 'peerURLs' | 'clientURLs' | 'isLearner';
    readonly values: readonly { readonly viewer: string; readonly value: string }[];
  }[];
  readonly clusterIds: readonly string[];
  /** Members that answer but are in no list but their own, or not even there. */
  readonly strangers: readonly string[];
}

export interface LeaderRound {
  readonly bundleId: string;
  readonly round: number;
  readonly at: number;
  /** Member -> leader it names, null = none. */
  readonly leaders: Readonly<Record<string, string | null>>;
  readonly terms: Readonly<Record<string, string>>;
  /** All members that answered name the same leader. */
  readonly agree: boolean;
}

export interface LeaderView {
  readonly rounds: readonly LeaderRound[];
  /** Leader named in the last round by the most members in the highest term; null = none named. */
  readonly leader: string | null;
  /** Members that called it leader and that did not, in the last round. */
  readonly named: readonly string[];
  readonly dissenting: readonly string[];
  /** Members that knew no leader in the last round, and in any round. */
  readonly withoutLeader: readonly string[];
  readonly everWithoutLeader: readonly string[];
  readonly agree: boolean;
  readonly highestTerm: string;
  /** Growth of the highest term over the rounds. */
  readonly termDelta: string;
  /** Changes of the leader named, between consecutive rounds of a member. */
  readonly changes: readonly {
    readonly member: string;
    readonly round: number;
    readonly at: number;
    readonly from: string | null;
    readonly to: string | null;
  }[];
}

export interface Quorum {
  readonly voters: readonly string[];
  readonly needed: number;
  /** Voters that answered. */
  readonly reachable: readonly string[];
  readonly unreachable: readonly string[];
  /** Reachable voters beyond the quorum; negative when fewer answer than are needed. */
  readonly spare: number;
  readonly withLeader: readonly string[];
  readonly withoutLeader: readonly string[];
  readonly linearizableOk: readonly string[];
  readonly linearizableFailed: readonly string[];
  /** Commit index grew between rounds on some member; null with fewer than two rounds. */
  readonly commitsAdvanced: boolean | null;
  /** True: a read through the read index succeeded, or commits advanced under a known leader. False: nobody who answered has a leader and no such read succeeded. Null: neither. */
  readonly hasQuorum: boolean | null;
  /** What decided it, in words. */
  readonly reasons: readonly string[];
}

export interface RaftLagMember {
  readonly member: string;
  readonly raftIndex: string;
  /** Leader's commit index minus this member's; may be negative (it was sampled later). */
  readonly entries: number;
  /** Entries the leader commits within the sampling skew, request times and one heartbeat: the error bar. Null when no rate is known. */
  readonly error: number | null;
  /** committed - applied on this member. */
  readonly applyGap: number | null;
}

export interface RaftLag {
  readonly leader: string;
  readonly leaderEntriesPerSecond: number | null;
  readonly rounds: readonly {
    readonly bundleId: string;
    readonly round: number;
    readonly at: number;
    readonly leaderIndex: string;
    readonly members: readonly RaftLagMember[];
  }[];
  /** Per follower: least and largest provable lag (entries - error, at least 0) over the rounds, and the last round. */
  readonly members: readonly {
    readonly member: string;
    readonly last: RaftLagMember;
    readonly minProven: number;
    readonly maxProven: number;
    readonly maxEntries: number;
    readonly rounds: number;
    readonly maxApplyGap: number | null;
  }[];
}

export interface HashGroup {
  readonly revision: string;
  readonly compactRevision: string;
  readonly hashes: readonly {
    readonly member: string;
    readonly hash: string;
    readonly at: string;
    readonly path: string;
  }[];
  /** At least two members. */
  readonly comparable: boolean;
  /** Null when not comparable. */
  readonly equal: boolean | null;
  /** Members whose hash is not that of the majority; all of them when there is no majority. */
  readonly odd: readonly string[];
}

export interface Hashes {
  /** By revision and compact revision; newest first. */
  readonly groups: readonly HashGroup[];
  readonly comparable: boolean;
  /** All comparable groups equal; null without one. */
  readonly equal: boolean | null;
  /** Comparable groups that differ. */
  readonly mismatches: readonly HashGroup[];
  /** Members that cannot be compared and why. */
  readonly notCompared: readonly { readonly member: string; readonly reason: string }[];
}

export interface Alarms {
  /** Answer of AlarmList; null when it could not be had. */
  readonly list: readonly { readonly member: string; readonly alarm: string }[] | null;
  readonly listMissing: string | null;
  /** Armed now by any source. AlarmList and Status are authoritative, the metric only since the process started. */
  readonly armed: readonly {
    readonly alarm: string;
    readonly members: readonly string[];
    readonly by: readonly ('alarm-list' | 'status' | 'metrics' | 'health')[];
  }[];
  readonly statusErrors: readonly { readonly member: string; readonly text: string }[];
  /** AlarmList or at least one Status was read: absence means something. */
  readonly known: boolean;
}

export interface Versions {
  readonly members: readonly {
    readonly member: string;
    readonly server: string;
    readonly cluster: string | null;
    readonly storage: string | null;
    readonly go: string | null;
    readonly by: 'status' | 'version' | 'metrics' | 'log';
  }[];
  readonly server: readonly string[];
  readonly cluster: readonly string[];
  readonly mixed: boolean;
  readonly downgrade: { readonly member: string; readonly target: string } | null;
}

export interface Revisions {
  readonly members: readonly {
    readonly member: string;
    readonly first: string;
    readonly last: string;
    readonly perSecond: number | null;
  }[];
  /** Highest minus lowest revision in the last round that at least two members answered, and what skew explains of it. */
  readonly spread: {
    readonly entries: number;
    readonly error: number | null;
    readonly lowest: string;
    readonly highest: string;
  } | null;
  readonly highest: string;
}

export type SettingOrigin = 'flag' | 'environment' | 'config-file' | 'log' | 'metric' | 'default';

export interface SettingValue {
  readonly value: string;
  readonly origin: SettingOrigin;
}

export interface Config {
  /** Member -> setting (flag name without dashes, `experimental-` removed) -> value in force. */
  readonly members: Readonly<Record<string, Readonly<Record<string, SettingValue>>>>;
  /** Members of which more than defaults is known. */
  readonly known: readonly string[];
  /** Settings that should be equal on all members and are not, among members whose value is known. */
  readonly differences: readonly {
    readonly setting: string;
    readonly values: readonly { readonly member: string; readonly value: string; readonly origin: SettingOrigin }[];
  }[];
  /** Numbers most rules scale with. */
  readonly timing: Readonly<
    Record<string, { readonly heartbeatMs: number; readonly electionMs: number; readonly origin: SettingOrigin }>
  >;
}

export interface Coverage {
  readonly planned: number;
  readonly states: Readonly<Record<string, number>>;
  readonly kinds: Readonly<Record<string, { readonly planned: number; readonly ok: number }>>;
  readonly gaps: readonly {
    readonly kind: string;
    readonly target: string;
    readonly round: number | null;
    readonly state: string;
    readonly reason: string;
    readonly bundleId: string;
    readonly permission: string | null;
  }[];
  readonly windowSeconds: number;
  readonly rounds: number;
  readonly maxSkewMs: number;
}

/** Facts derived once per case. */
export interface ClusterFactValues {
  readonly membership: Membership;
  readonly leaderView: LeaderView;
  readonly quorum: Quorum;
  readonly raftLag: RaftLag;
  readonly hashes: Hashes;
  readonly alarms: Alarms;
  readonly versions: Versions;
  readonly peerMatrix: PeerMatrix;
  readonly revisions: Revisions;
  readonly clockOffsets: ClockOffsets;
  readonly certificates: Certificates;
  readonly config: Config;
  readonly copies: Copies;
  readonly coverage: Coverage;
  readonly apiServer: ApiServer;
  readonly controlPlane: ControlPlane;
  readonly staticPods: StaticPods;
  readonly storedObjects: StoredObjects;
  readonly history: History;
  readonly keyspace: Keyspace;
}
