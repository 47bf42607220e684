import type { ArtifactKind, ReportSource, State } from '../schemas/index.js';
import type { Case } from './bundle/case.js';
import type { ClusterFactValues, HostFactValues, MemberFactValues } from './facts/values/index.js';

/** Where a value stands in a bundle. */
export type Source = ReportSource;

/** Why a fact could not be derived. `reason` is in words and names the subject, e.g. `metrics of m3: timeout (not-answering)`. */
export interface Missing {
  /** The artifact kind that is missing; `fact` when the derivation itself failed or does not apply. */
  readonly kind: ArtifactKind | 'fact';
  readonly reason: string;
  /** State of the item in the manifest, where it was planned. */
  readonly state?: State;
}

export type Observed<T> =
  | { readonly ok: true; readonly value: T; readonly source: readonly Source[] }
  | { readonly ok: false; readonly missing: Missing };

/** Ids and value types of all facts, by what they are about. */
export interface FactValues {
  readonly cluster: ClusterFactValues;
  readonly member: MemberFactValues;
  readonly host: HostFactValues;
}

export type FactScope = keyof FactValues;
export type FactId<S extends FactScope> = keyof FactValues[S] & string;

/** Lazy, memoised facts of one case. Never throws: an unknown subject, a gap or a crash in a fact is `missing`. */
export interface Facts {
  readonly case: Case;
  readonly member: <K extends FactId<'member'>>(id: string, fact: K) => Observed<MemberFactValues[K]>;
  readonly host: <K extends FactId<'host'>>(id: string, fact: K) => Observed<HostFactValues[K]>;
  readonly cluster: <K extends FactId<'cluster'>>(fact: K) => Observed<ClusterFactValues[K]>;
}

/** What a derivation gets. `id` is the member or host id, `cluster` for cluster facts. */
export interface FactContext {
  readonly case: Case;
  readonly facts: Facts;
  readonly id: string;
}

/** A derived view over artifacts. `derive` may throw: the engine turns that into `missing`. */
export interface Fact<S extends FactScope, K extends FactId<S>> {
  readonly scope: S;
  readonly id: K;
  readonly title: string;
  /** Artifact kinds it reads, directly or through other facts. */
  readonly artifacts: readonly ArtifactKind[];
  readonly derive: (ctx: FactContext) => Observed<FactValues[S][K]>;
}

/** Declares a fact; the value type follows from scope and id. */
export const defineFact = <S extends FactScope, K extends FactId<S>>(fact: Fact<S, K>): Fact<S, K> => fact;

/** One fact for every declared id: a fact cannot be declared without being listed. */
export type FactRegistry = { readonly [S in FactScope]: { readonly [K in FactId<S>]: Fact<S, K> } };

export const observed = <T>(value: T, source: readonly Source[] = []): Observed<T> => ({ ok: true, value, source });

export const absent = (
  kind: Missing['kind'],
  reason: string,
  state?: State,
): { readonly ok: false; readonly missing: Missing } => ({
  ok: false,
  missing: state === undefined ? { kind, reason } : { kind, reason, state },
});

type AnyDerive = (ctx: FactContext) => Observed<unknown>;

/** Facts of a case over a registry. Each is derived at most once per subject; a fact that asks for itself is `missing`. */
export const factsOver = (input: Case, registry: FactRegistry): Facts => {
  const memo = new Map<string, Observed<unknown>>();
  const subjects: Record<FactScope, ReadonlySet<string>> = {
    cluster: new Set(['cluster']),
    member: new Set(input.members.map((member) => member.id)),
    host: new Set(input.hosts.map((host) => host.id)),
  };
  const lookUp = (scope: FactScope, id: string, fact: string): Observed<unknown> => {
    const key = `${scope}\0${fact}\0${id}`;
    const known = memo.get(key);
    if (known !== undefined) return known;
    if (!subjects[scope].has(id)) return absent('fact', `${id} is no ${scope} of this case`);
    const entry = (registry[scope] as unknown as Record<string, { readonly derive: AnyDerive } | undefined>)[fact];
    if (entry === undefined) return absent('fact', `unknown fact ${fact}`);
    memo.set(key, absent('fact', `fact failed: ${fact} depends on itself`));
    let result: Observed<unknown>;
    try {
      result = entry.derive({ case: input, facts, id });
    } catch (error) {
      result = absent('fact', `fact failed: ${fact}: ${error instanceof Error ? error.message : String(error)}`);
    }
    memo.set(key, result);
    return result;
  };
  const facts: Facts = {
    case: input,
    member: (id, fact) => lookUp('member', id, fact) as Observed<MemberFactValues[typeof fact]>,
    host: (id, fact) => lookUp('host', id, fact) as Observed<HostFactValues[typeof fact]>,
    cluster: (fact) => lookUp('cluster', 'cluster', fact) as Observed<ClusterFactValues[typeof fact]>,
  };
  return facts;
};
