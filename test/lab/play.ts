import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, startCluster } from './cluster/cluster.js';
import type { ClusterOptions, Member } from './cluster/cluster-types.js';
import { type FaultDefinition, type Params, valuesOf } from './fault.js';
import type { Fault } from './faults/types.js';
import type { RunningLoad } from './load.js';
import { faultByName, loadByName } from './registry.js';
import { resolve, rolesOf } from './resolve.js';
import type { Scenario } from './scenario.js';
import type { Truth } from './truth.js';

/** A scenario in progress: the cluster is sick (or was, or is a healthy control) and can be looked at. */
export interface Played {
  readonly cluster: Cluster;
  /** Whom the faults were done to; empty for a healthy control. */
  readonly targets: readonly Member[];
  readonly truth: Truth;
  /** Take everything back and end the cluster. */
  readonly end: () => Promise<void>;
}

export interface PlayOptions {
  readonly version?: ClusterOptions['version'];
  /** Multiplies every parameter that is a strength; default 1. */
  readonly strength?: number;
  readonly onStep?: (text: string) => void;
}

const merge = (parts: readonly ClusterOptions[]): ClusterOptions => {
  const whole: ClusterOptions = Object.assign({}, ...parts);
  const flags = parts.flatMap((part) => part.flags ?? []);
  const memberFlags: Record<number, readonly string[]> = {};
  for (const part of parts) {
    for (const [index, own] of Object.entries(part.memberFlags ?? {}))
      memberFlags[Number(index)] = [...(memberFlags[Number(index)] ?? []), ...own];
  }
  return { ...whole, flags, memberFlags };
};

/** Start options of a scenario: what its faults need, with its own over it. */
export const clusterOptionsOf = (scenario: Scenario, version: ClusterOptions['version']): ClusterOptions =>
  merge([
    { size: 3, hosts: true, ...(version === undefined ? {} : { version }) },
    ...scenario.faults.map((step) => faultByName(step.fault).cluster ?? {}),
    scenario.cluster ?? {},
  ]);

/** The scenario's own truth, or that of its first fault; a healthy control without one is a mistake. */
export const truthOf = (scenario: Scenario): Truth => {
  const [first] = scenario.faults;
  const truth = scenario.truth ?? (first === undefined ? undefined : faultByName(first.fault).truth);
  if (truth === undefined) throw new Error(`scenario ${scenario.id} has neither a fault nor a truth`);
  return truth;
};

/** Whether any of its faults has a strength to vary. */
export const hasStrength = (scenario: Scenario): boolean =>
  scenario.faults.some(({ fault }) =>
    Object.values(faultByName(fault).params).some(({ strength }) => strength === true),
  );

const scaled = (definition: FaultDefinition, given: Params | undefined, strength: number): Params => {
  const values = valuesOf(`fault ${definition.name}`, definition.params, given);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      definition.params[name]?.strength === true && typeof value === 'number' ? value * strength : value,
    ]),
  );
};

/** Start the cluster, load it, do the faults and wait as the scenario says. Ends the cluster when something throws. */
export const play = async (scenario: Scenario, options: PlayOptions = {}): Promise<Played> => {
  const say = options.onStep ?? (() => undefined);
  say('starting the cluster');
  const cluster = await startCluster(clusterOptionsOf(scenario, options.version));
  const loads: RunningLoad[] = [];
  const faults: Fault[] = [];
  const undo = async (): Promise<void> => {
    for (const fault of faults.splice(0).reverse()) await fault.undo();
  };
  const end = async (): Promise<void> => {
    // A cluster that is to go needs no repair: the lab takes everything back at once.
    await Promise.allSettled(loads.map((load) => load.stop()));
    await cluster.dispose();
  };
  try {
    for (const step of scenario.loads ?? [{ load: 'kubernetes' }]) {
      const definition = loadByName(step.load);
      const values = valuesOf(`load ${definition.name}`, definition.params, step.params);
      loads.push(await definition.start(cluster, values as never));
    }
    say('warming up');
    await sleep((scenario.warmUp ?? 8) * 1000);
    const roles = await rolesOf(cluster);
    const targets = new Set<Member>();
    for (const step of scenario.faults) {
      const definition = faultByName(step.fault);
      const members = definition.on === 'cluster' ? cluster.members : resolve(cluster, roles, step.on);
      if (definition.on === 'member') for (const member of members) targets.add(member);
      say(
        `${step.fault} on ${definition.on === 'cluster' ? 'the cluster' : members.map(({ name }) => name).join(', ')}`,
      );
      const values = scaled(definition, step.params, options.strength ?? 1);
      const fault = await definition.apply(cluster, members, values as never);
      faults.push(fault);
      for (const name of fault.subjects ?? []) {
        const member = [...cluster.members, ...(cluster.spares ?? [])].find((each) => each.name === name);
        if (member !== undefined) targets.add(member);
      }
    }
    say('letting it act');
    await sleep((scenario.settle ?? 12) * 1000);
    if (scenario.over !== undefined) {
      say('taking it back');
      await undo();
      await sleep(scenario.over * 1000);
    }
    return { cluster, targets: [...targets], truth: truthOf(scenario), end };
  } catch (error) {
    await end();
    throw error;
  }
};
