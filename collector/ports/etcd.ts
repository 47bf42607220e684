import type { AlarmListArtifact, EndpointStatusArtifact, MemberListArtifact } from '../../schemas/index.js';
import type { MemberTarget } from '../probe.js';

export { createEtcdPort } from './etcd/client.js';

/** Read-only door to one etcd cluster over gRPC. Every call has its own deadline through `signal`; errors are ProbeErrors. */
export interface EtcdPort {
  readonly status: (member: MemberTarget, call: EtcdCall) => Promise<EndpointStatusArtifact>;
  readonly memberList: (member: MemberTarget, call: EtcdCall) => Promise<MemberListArtifact>;
  readonly hashKV: (member: MemberTarget, revision: string, call: EtcdCall) => Promise<HashKVAnswer>;
  readonly alarms: (member: MemberTarget, call: EtcdCall) => Promise<AlarmListArtifact['alarms']>;
  /** Count-only Range of one key that need not exist: no key, no value comes back. */
  readonly countRead: (
    member: MemberTarget,
    options: { readonly serializable: boolean; readonly anonymous: boolean },
    call: EtcdCall,
  ) => Promise<{ readonly elapsedMs: number }>;
  /** Count of the keys below a prefix, or of all keys; serializable and count-only. It costs the server time for each key. */
  readonly countRange: (member: MemberTarget, prefix: string | undefined, call: EtcdCall) => Promise<CountAnswer>;
  /** Waits until the channel is ready and says how long it took, ms. */
  readonly connect: (member: MemberTarget, call: EtcdCall) => Promise<number>;
  /** Requests sent so far, by member id and phase (`once` or the round number). */
  readonly requests: () => Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Closes what was opened to this address, which would go on dialling it for as long as the run lasts. */
  readonly leave: (member: MemberTarget) => void;
  readonly close: () => void;
}

export interface EtcdCall {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** For counting requests per round. */
  readonly round?: number;
}

export interface CountAnswer {
  readonly count: string;
  readonly revision: string;
  readonly elapsedMs: number;
}

export interface HashKVAnswer {
  /** Member that answered. */
  readonly memberId: string;
  readonly headerRevision: string;
  readonly hash: string;
  readonly compactRevision: string;
  readonly hashRevision?: string;
  readonly elapsedMs: number;
}
