import type { CaseMember } from '../../bundle/case.js';
import type { HostCpu } from '../../facts/values/host.js';
import type { FactValue } from '../../rule-facts.js';
import { type EvidenceInput, supporting } from '../../rule.js';

/** Share of the CPUs that etcd may use from which it leaves little for anything else; own estimate. */
const FULL = 0.5;

/** Facts that tell whether etcd itself uses up its CPUs. */
export const ownLoadWants = ['process', 'processSched', 'cpu', 'cgroup'] as const;

/** Rounded to hundredths. */
const cores = (value: number): string => String(Math.round(value * 100) / 100);

export interface OwnLoad {
  /** etcd uses most of the CPUs it may use, and still waits for one most of the time: the work is more than the CPUs. Undefined when not seen. */
  readonly full: boolean | undefined;
  readonly evidence: readonly EvidenceInput[];
}

interface OwnLoadContext {
  readonly subject: { readonly id: string };
  readonly member: CaseMember | undefined;
  readonly members: readonly CaseMember[];
  readonly want: { readonly cpu?: HostCpu | undefined };
  readonly each: <K extends (typeof ownLoadWants)[number]>(fact: K) => ReadonlyMap<string, FactValue<K>>;
  readonly limit: (id: 'run-queue-wait-heavy') => number;
}

/** Whether the work of the members on one host is more than its CPUs, by their own use alone. A high use by itself is no harm. */
export const ownLoad = (ctx: OwnLoadContext): OwnLoad => {
  const { id } = ctx.subject;
  const host = ctx.member?.host;
  const together = ctx.members.filter((each) => each.id === id || (host !== undefined && each.host === host));
  const coresOf = (member: string): number | null | undefined =>
    ctx.each('process').get(member)?.cpuCores ?? ctx.each('processSched').get(member)?.cpuCores;
  const own = coresOf(id) ?? undefined;
  const wait = ctx.each('processSched').get(id)?.runQueueWaitShare ?? undefined;
  const { cpu } = ctx.want;
  if (cpu === undefined || own === undefined || wait === undefined) return { full: undefined, evidence: [] };
  const quota = ctx.each('cgroup').get(id)?.quotaCores ?? undefined;
  const all = together.reduce((sum, each) => sum + (coresOf(each.id) ?? 0), 0);
  const most = all >= FULL * cpu.logicalCpus || (quota !== undefined && own >= FULL * quota);
  const full = most && wait >= ctx.limit('run-queue-wait-heavy');
  return {
    full,
    evidence: full
      ? [
          supporting(true, 'etcd itself uses most of the CPUs it may use, and waits for more', {
            observed: `${cores(own)} cores${together.length > 1 ? `, ${cores(all)} with the other members on its host` : ''}, of ${quota === undefined ? cpu.logicalCpus : Math.min(quota, cpu.logicalCpus)}; in the run queue ${Math.round(wait * 100)} % of the time`,
            threshold: 'run-queue-wait-heavy',
            from: ['process', 'processSched', 'cpu'],
          }),
        ]
      : [],
  };
};
