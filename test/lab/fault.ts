import type { Cluster, ClusterOptions, Member } from './cluster/cluster-types.js';
import type { Fault } from './faults/types.js';
import type { Truth } from './truth.js';

/** A setting of a fault or a load: its default says its type. */
export type Param = {
  readonly default: number | string | boolean;
  /** What it is, with its unit. */
  readonly about: string;
  /** A strength: half and double of it are tried by `accuracy --strength`. */
  readonly strength?: boolean;
};

export type Params = Readonly<Record<string, number | string | boolean>>;

/** Values by the names of `P`, of the types of their defaults. */
export type Values<P extends Readonly<Record<string, Param>>> = {
  readonly [K in keyof P]: P[K]['default'] extends number ? number : P[K]['default'] extends boolean ? boolean : string;
};

/** One kind of incident (or of harmless event) that the lab can make; one per file, listed in faults/index.ts. */
export interface FaultDefinition<P extends Readonly<Record<string, Param>> = Readonly<Record<string, Param>>> {
  /** Kebab-case: `slow-fsync`. */
  readonly name: string;
  readonly title: string;
  readonly params: P;
  /** `member`: done to the members chosen by the caller; `cluster`: to all of it, whoever is chosen. */
  readonly on: 'member' | 'cluster';
  /** What the cluster must have been started with for this to work; merged into the scenario's own options. */
  readonly cluster?: ClusterOptions;
  /** What a diagnosis should say while it is in force; a scenario may override it. */
  readonly truth: Truth;
  /**
   * Do it. Everything it starts is tracked by `cluster.lab` as well, so that it ends with the lab; `undo` takes back what can be.
   * Throws `FaultUnsupported` where machine or cluster cannot have it.
   */
  readonly apply: (cluster: Cluster, members: readonly Member[], params: Values<P>) => Promise<Fault>;
}

/** Keeps the parameter types between `params` and `apply`. */
export const defineFault = <const P extends Readonly<Record<string, Param>>>(
  definition: FaultDefinition<P>,
): FaultDefinition<P> => definition;

/** Defaults with `given` over them; an unknown name or a wrong type throws with what is known. */
export const valuesOf = (
  what: string,
  params: Readonly<Record<string, Param>>,
  given: Params = {},
): Record<string, number | string | boolean> => {
  for (const [name, value] of Object.entries(given)) {
    const param = params[name];
    if (param === undefined) {
      const known = Object.keys(params).join(', ');
      throw new Error(`${what} has no parameter ${name}; ${known === '' ? 'it takes none' : `it has ${known}`}`);
    }
    if (typeof value !== typeof param.default)
      throw new Error(`${what}: ${name} is a ${typeof param.default} (${param.about}), not ${JSON.stringify(value)}`);
  }
  return { ...Object.fromEntries(Object.entries(params).map(([name, { default: value }]) => [name, value])), ...given };
};
