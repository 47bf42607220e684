import type { Cluster } from './cluster/cluster-types.js';
import type { Param, Values } from './fault.js';

/** A load in progress: it runs until `stop`, its own limit or the end of the lab. Failing calls are counted, never thrown. */
export type RunningLoad = { readonly stop: () => Promise<LoadReport> };

export type LoadReport = {
  readonly done: number;
  readonly failed: number;
  readonly seconds: number;
  /** Milliseconds, of the calls that succeeded. */
  readonly p50: number;
  readonly p99: number;
  readonly lastError?: string;
};

/** One kind of client behaviour; one per file, listed in loads/index.ts. */
export interface LoadDefinition<P extends Readonly<Record<string, Param>> = Readonly<Record<string, Param>>> {
  readonly name: string;
  readonly title: string;
  readonly params: P;
  /** Start it; members that do not answer are skipped. */
  readonly start: (cluster: Cluster, params: Values<P>) => Promise<RunningLoad>;
}

export const defineLoad = <const P extends Readonly<Record<string, Param>>>(
  definition: LoadDefinition<P>,
): LoadDefinition<P> => definition;
