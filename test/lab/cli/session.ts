import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { connect } from '../../support/etcd-client.js';
import type { Cluster, ClusterOptions, Member } from '../cluster/cluster-types.js';
import { type Params, valuesOf } from '../fault.js';
import type { Fault } from '../faults/types.js';
import type { RunningLoad } from '../load.js';
import { faultByName, loadByName } from '../registry.js';
import { type Roles, resolve, rolesOf } from '../resolve.js';
import type { Where } from '../scenario.js';
import { LabError } from './errors.js';
import { lacking } from './needs.js';
import type { Cleared, ClearWhat, ClusterStatus, InForce, MemberStatus } from './protocol.js';

export type Say = (text: string) => void;

/** What is done to one running cluster. Calls must not overlap, except `inForce` and `cluster`. */
export interface Session {
  /** Throws LabError `impossible` when this cluster or machine cannot have it. `roles`: those of now when not given. */
  readonly fault: (name: string, on: readonly Where[], params: Params, say: Say, roles?: Roles) => Promise<InForce>;
  readonly load: (name: string, params: Params, say: Say) => Promise<InForce>;
  readonly clear: (what: ClearWhat, say: Say) => Promise<Cleared>;
  readonly inForce: () => readonly InForce[];
  readonly cluster: () => Promise<ClusterStatus>;
}

type Entry = { readonly shown: InForce } & (
  | { readonly kind: 'fault'; readonly handle: Fault }
  | { readonly kind: 'load'; readonly handle: RunningLoad }
);

const STATUS_MS = 1_500;
const UNDO_MS = 120_000;
const SERVES_MS = 20_000;

/** `options`: those the cluster was started with. */
export const createSession = (cluster: Cluster, options: ClusterOptions): Session => {
  const entries = new Map<number, Entry>();
  let last = 0;
  const remember = (entry: Entry): InForce => {
    entries.set(entry.shown.number, entry);
    return entry.shown;
  };

  const chosen = (on: readonly Where[], roles: Roles): Member[] => {
    try {
      return [...new Set(on.flatMap((where) => resolve(cluster, roles, where)))];
    } catch (error) {
      throw new LabError('usage', error instanceof Error ? error.message : String(error), 'see "list" for the members');
    }
  };

  const fault: Session['fault'] = async (name, on, params, say, roles) => {
    const definition = faultByName(name);
    const missing = lacking(definition.cluster ?? {}, options);
    if (missing.length > 0) {
      throw new LabError(
        'impossible',
        `${name} needs a cluster started with ${missing.join(', ')}`,
        `start one that has it: up --for ${name}`,
      );
    }
    const values = valuesOf(`fault ${name}`, definition.params, params);
    const whole = definition.on === 'cluster';
    const members = whole ? cluster.members : chosen(on, roles ?? (await rolesOf(cluster)));
    const names = members.map((member) => member.name);
    say(`${name} on ${whole ? 'the cluster' : names.join(', ')}`);
    const handle = await definition.apply(cluster, members, values as never);
    last += 1;
    const shown: InForce = {
      number: last,
      kind: 'fault',
      name,
      title: definition.title,
      params: values,
      members: handle.subjects ?? (whole ? [] : names),
      since: Date.now(),
      truth: definition.truth,
    };
    return remember({ shown, kind: 'fault', handle });
  };

  const load: Session['load'] = async (name, params, say) => {
    const definition = loadByName(name);
    const values = valuesOf(`load ${name}`, definition.params, params);
    say(`starting load ${name}`);
    const handle = await definition.start(cluster, values as never);
    last += 1;
    const { title } = definition;
    const shown: InForce = { number: last, kind: 'load', name, title, params: values, members: [], since: Date.now() };
    return remember({ shown, kind: 'load', handle });
  };

  const take = (what: ClearWhat): Entry[] => {
    const all = [...entries.values()].reverse();
    if (what === 'all') return all.filter(({ kind }) => kind === 'fault');
    if (what === 'loads') return all.filter(({ kind }) => kind === 'load');
    const entry = entries.get(what);
    if (entry === undefined) throw new LabError('usage', `nothing in force has number ${what}`, 'see "list"');
    return [entry];
  };

  const clear: Session['clear'] = async (what, say) => {
    const cleared: Cleared['cleared'][number][] = [];
    for (const entry of take(what)) {
      const { number, name } = entry.shown;
      say(`clearing #${number} ${name}`);
      if (entry.kind === 'load') {
        const report = await within(entry.handle.stop(), `load ${name}`);
        cleared.push({ ...entry.shown, report });
      } else {
        await within(entry.handle.undo(), `fault ${name}`);
        cleared.push(entry.shown);
      }
      entries.delete(number);
    }
    const faults = cleared.some(({ kind }) => kind === 'fault');
    const others = [...entries.values()].some(({ kind }) => kind === 'fault');
    if (!faults || others) return { cleared };
    say('waiting until all running members serve');
    const from = performance.now();
    try {
      await cluster.waitHealthy(SERVES_MS);
      return { cleared, servesAfter: (performance.now() - from) / 1000 };
    } catch (error) {
      return { cleared, notServing: error instanceof Error ? error.message : String(error) };
    }
  };

  return {
    fault,
    load,
    clear,
    inForce: () => [...entries.values()].map(({ shown }) => shown),
    cluster: async () => ({
      dir: cluster.lab.dir,
      version: cluster.binaries.version,
      tools: dirname(cluster.binaries.etcdctl),
      tls: cluster.tls !== undefined,
      members: await Promise.all([...cluster.members, ...cluster.spares].map(statusOf)),
      endpoints: cluster.endpoints(),
      flags: accessFlags(cluster),
      ...(cluster.auth === undefined ? {} : { login: cluster.auth }),
    }),
  };
};

const accessFlags = ({ tls }: Cluster): string[] =>
  tls === undefined ? [] : ['--cacert', tls.ca.cert, '--cert', tls.client.cert, '--key', tls.client.key];

const within = async <T>(work: Promise<T>, what: string): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new LabError('failed', `${what} could not be taken back within ${UNDO_MS / 1000} s`, 'end the lab: down'),
        ),
      UNDO_MS,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

const statusOf = async (member: Member): Promise<MemberStatus> => ({
  name: member.name,
  id: member.id,
  role: await roleOf(member),
  pid: member.pid,
  version: member.version,
  clientUrl: member.clientUrl,
  dataDir: member.dataDir,
  logFile: member.logFile,
  ...(member.host === undefined
    ? {}
    : {
        host: {
          name: member.host.name,
          inside: member.host.inside([]),
          disk: member.host.disk,
          device: member.host.device,
        },
      }),
});

const roleOf = async (member: Member): Promise<MemberStatus['role']> => {
  if (member.pid === 0) return 'spare';
  if (!member.running) return 'ended';
  if (isStopped(member.pid)) return 'paused';
  // Status needs no login, which a cluster without quorum could not give.
  const client = connect(member.clientUrl, member.credentials);
  try {
    const { header, leader, isLearner } = await client.call('Status', {}, STATUS_MS);
    if (isLearner === true) return 'learner';
    if (leader === '0') return 'no leader';
    return (header as { memberId?: string } | null)?.memberId === leader ? 'leader' : 'follower';
  } catch {
    return 'no answer';
  } finally {
    client.close();
  }
};

/** The state is the first field behind the name, which may contain anything. */
const isStopped = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
  } catch {
    return false;
  }
};
