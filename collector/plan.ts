import {
  type ArtifactKind,
  type Cost,
  catalog,
  itemId,
  type PlanArtifact,
  type PlanItem,
  type Target,
} from '../schemas/index.js';
import type {
  ClusterTarget,
  EndpointTarget,
  HostTarget,
  MemberTarget,
  Probe,
  ProbeContext,
  ProbeResult,
  ReasonCode,
} from './probe.js';

type ProbeOf<S extends 'cluster' | 'member' | 'host' | 'endpoint'> = {
  [K in ArtifactKind]: Probe<K, S>;
}[ArtifactKind];

/** A probe of any kind and scope, as the index lists hold them. */
export type AnyProbe = ProbeOf<'cluster'> | ProbeOf<'member'> | ProbeOf<'host'> | ProbeOf<'endpoint'>;

export interface ProbeLists {
  /** Over the network. */
  readonly remote: readonly AnyProbe[];
  /** On this machine. */
  readonly local: readonly AnyProbe[];
}

/** Everything a probe gets besides its target and round. */
export type ProbeEnvironment = Omit<ProbeContext<unknown>, 'target' | 'round'>;

type AnyResult = ProbeResult<ArtifactKind>;

/** A result whose content is not typed any more: the schema check decides. */
export type RawResult = Omit<AnyResult, 'parts'> & {
  readonly parts: readonly (Omit<AnyResult['parts'][number], 'content'> & { readonly content: unknown })[];
};

/** One probe bound to one target (and round): the unit of the schedule and of the manifest. */
export interface PlannedItem {
  readonly id: string;
  readonly kind: ArtifactKind;
  readonly target: Target;
  readonly round?: number;
  readonly phase: Probe['phase'];
  readonly side: 'remote' | 'local';
  /** Items of one lane run one after another; the lane of a remote item is the member that has to answer it. */
  readonly lane: string;
  readonly title: string;
  readonly reads: string;
  readonly source: string;
  readonly permission: string;
  readonly impact: Probe['impact'];
  readonly cost: Cost;
  /** Asked in the first and in the last round only. */
  readonly sparse?: boolean;
  /** Holds much memory while it runs: the next one of its lane waits longer for it. */
  readonly bulky?: boolean;
  readonly timeoutMs: number;
  readonly inapplicable?: { readonly reason: ReasonCode; readonly message: string };
  readonly run: (environment: ProbeEnvironment) => Promise<RawResult>;
}

export interface PlanInput {
  readonly cluster: ClusterTarget;
  readonly members: readonly MemberTarget[];
  readonly hosts: readonly HostTarget[];
  readonly endpoints: readonly EndpointTarget[];
  readonly probes: ProbeLists;
  readonly rounds: number;
  readonly itemTimeoutMs: number;
}

interface Bindable<T extends Target> {
  readonly kind: ArtifactKind;
  readonly phase: Probe['phase'];
  readonly rounds?: Probe['rounds'];
  readonly lane?: string;
  readonly title: string;
  readonly reads: string;
  readonly permission: string;
  readonly impact: Probe['impact'];
  readonly cost: Cost;
  readonly timeoutMs?: number;
  readonly appliesTo?: (target: T) => true | { readonly reason: ReasonCode; readonly message: string };
  readonly source: (target: T) => string;
  readonly run: (context: ProbeContext<T>) => Promise<RawResult>;
}

const bind = <T extends Target>(
  probe: Bindable<T>,
  target: T,
  at: {
    readonly side: 'remote' | 'local';
    readonly lane: string;
    readonly rounds: number;
    readonly itemTimeoutMs: number;
    readonly bulky?: boolean;
  },
): PlannedItem[] => {
  const { kind, phase, title, reads, permission, impact, cost } = probe;
  const applies = probe.appliesTo?.(target) ?? true;
  const shared = {
    kind,
    target: { kind: target.kind, id: target.id },
    phase,
    side: at.side,
    lane: probe.lane === undefined ? at.lane : `${at.side}:${probe.lane}`,
    title,
    reads,
    source: probe.source(target),
    permission,
    impact,
    cost,
    ...(at.bulky === true ? { bulky: true } : {}),
    ...(probe.rounds === 'ends' ? { sparse: true } : {}),
    timeoutMs: probe.timeoutMs ?? at.itemTimeoutMs,
    ...(applies === true ? {} : { inapplicable: applies }),
  };
  if (phase !== 'round') {
    return [{ ...shared, id: itemId(kind, target), run: (environment) => probe.run({ ...environment, target }) }];
  }
  const rounds = Array.from({ length: at.rounds }, (_, round) => round);
  const wanted = probe.rounds === 'ends' ? rounds.filter((round) => round === 0 || round === at.rounds - 1) : rounds;
  return wanted.map((round) => ({
    ...shared,
    id: itemId(kind, target, { round }),
    round,
    run: (environment: ProbeEnvironment) => probe.run({ ...environment, target, round }),
  }));
};

/** All items of a run in a fixed order: cluster, members, hosts, endpoints; within a target as the lists have them. */
export const planItems = ({
  cluster,
  members,
  hosts,
  endpoints,
  probes,
  rounds,
  itemTimeoutMs,
}: PlanInput): PlannedItem[] => {
  const items: PlannedItem[] = [];
  const sides = [
    ['remote', probes.remote],
    ['local', probes.local],
  ] as const;
  const byId = <T extends Target>(targets: readonly T[]): T[] =>
    [...targets].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const at = (side: 'remote' | 'local', lane: string) => ({ side, lane: `${side}:${lane}`, rounds, itemTimeoutMs });
  for (const [side, list] of sides) {
    for (const probe of list) if (probe.scope === 'cluster') items.push(...bind(probe, cluster, at(side, 'cluster')));
  }
  for (const member of byId(members)) {
    for (const [side, list] of sides) {
      for (const probe of list) {
        // Logs are large: one after another, so that only one is in memory at a time.
        const bulky = side === 'local' && probe.kind === 'server-log';
        if (probe.scope === 'member')
          items.push(...bind(probe, member, { ...at(side, bulky ? 'logs' : member.id), bulky }));
      }
    }
  }
  for (const host of byId(hosts)) {
    for (const [side, list] of sides) {
      for (const probe of list) if (probe.scope === 'host') items.push(...bind(probe, host, at(side, host.id)));
    }
  }
  for (const endpoint of byId(endpoints)) {
    for (const [side, list] of sides) {
      for (const probe of list) {
        if (probe.scope === 'endpoint')
          items.push(...bind(probe, endpoint, at(side, endpoint.memberId ?? endpoint.id)));
      }
    }
  }
  return items;
};

/** The plan as stored in the bundle and printed by `plan`; items that do not apply to their target are not reads. */
export const describePlan = (items: readonly PlannedItem[]): PlanArtifact => ({
  items: items
    .filter((item) => item.inapplicable === undefined)
    .map(
      ({ id, kind, target, round, reads, source, permission, impact, cost, timeoutMs }): PlanItem => ({
        id,
        probe: kind,
        target,
        ...(round === undefined ? {} : { round }),
        reads,
        source,
        sensitivity: catalog[kind].sensitivity,
        permission,
        impact,
        cost,
        timeoutMs: Math.round(timeoutMs),
      }),
    ),
});
