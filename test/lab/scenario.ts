import type { EtcdLine } from '../support/etcd-binaries.js';
import type { ClusterOptions } from './cluster/cluster-types.js';
import type { Params } from './fault.js';
import type { Truth } from './truth.js';

/**
 * Whom it is done to, resolved once, just before the first fault: the leader, one follower, the other follower, all followers, everybody,
 * as many as cost the quorum (never the first follower), or a member by index.
 */
export type Where = 'leader' | 'follower' | 'other-follower' | 'followers' | 'all' | 'majority' | number;

export interface FaultStep {
  readonly fault: string;
  /** Default `follower`; meaningless for faults on the cluster. */
  readonly on?: Where;
  readonly params?: Params;
}

export interface LoadStep {
  readonly load: string;
  readonly params?: Params;
}

/** One thing that happens to a cluster, as data: how it is built, what it does, what goes wrong and what a report should say. */
export interface Scenario {
  /** Kebab-case, unique; also the name of its fixture. */
  readonly id: string;
  readonly title: string;
  /** Part of the catalogue: a file in scenarios/. */
  readonly family: string;
  /** Default: three members with a host each. What the faults need is merged in. */
  readonly cluster?: ClusterOptions;
  /** Background load; default the Kubernetes-shaped one. Empty: none. */
  readonly loads?: readonly LoadStep[];
  /** In this order; empty for a healthy control. */
  readonly faults: readonly FaultStep[];
  /** Quiet time under load before the first fault, seconds; default 8. */
  readonly warmUp?: number;
  /** Time between the last fault and the collection, seconds; default 12. */
  readonly settle?: number;
  /** The faults are taken back this many seconds before the collection: it is over. */
  readonly over?: number;
  /** Members whose nodes nobody collects on (a dead machine); default those in `truth` that cannot: none. */
  readonly without?: Where;
  /** Release lines it makes sense on; default all. */
  readonly versions?: readonly EtcdLine[];
  /** Needs the whole machine: nothing else runs beside it. */
  readonly alone?: boolean;
  /** Part of `accuracy --quick`. */
  readonly quick?: boolean;
  /** Overrides the truth of its (first) fault; a healthy control and a compound need one. */
  readonly truth?: Truth;
}
