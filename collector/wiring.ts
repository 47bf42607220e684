import { splitOwner } from './attach.js';
import { loadPermission } from './load.js';
import type { CollectOptions } from './options.js';
import type { ProbeLists } from './plan.js';
import type { EtcdPort } from './ports/etcd.js';
import { createEtcdPort } from './ports/etcd.js';
import { createFilesPort, type FilesPort } from './ports/files.js';
import { createHttpPort, type HttpPort } from './ports/http.js';
import type { KubernetesPort } from './ports/kubernetes.js';
import { openKubernetes } from './kubernetes/open.js';
import { createNetPort, type NetPort } from './ports/net.js';
import { hostToken, type LocalDiscovery } from './local.js';
import { watchForMembers } from './watch-processes.js';
import { createScratchPort, type ScratchPort } from './ports/scratch.js';
import { createPrometheusPort, type PrometheusPort } from './ports/prometheus.js';
import type { EndpointTarget, KeyspaceOrder, LocalMember, MemberTarget } from './probe.js';
import { lookAround, type Place } from './platforms/look.js';
import { rootedFiles } from './ports/rooted-files.js';
import { createPriorityKeeper, type PriorityKeeper } from './priority.js';
import { kubernetesProbes } from './probes/kubernetes.js';
import { localProbes } from './probes/local.js';
import { optInProbes } from './probes/opt-in.js';
import { remoteProbes } from './probes/remote.js';
import { createReachability, type Reachability } from './reachability.js';
import { discoverTargets } from './targets.js';

export interface Ports {
  readonly etcd: EtcdPort;
  readonly http: HttpPort;
  readonly net: NetPort;
  readonly files: FilesPort;
  readonly prometheus?: PrometheusPort;
  readonly kubernetes?: KubernetesPort;
  readonly scratch?: ScratchPort;
  readonly keyspace?: KeyspaceOrder;
}

export interface Discovered {
  readonly members: readonly MemberTarget[];
  readonly endpoints: readonly EndpointTarget[];
  readonly notes: readonly string[];
  /** For the run log alone. */
  readonly asides?: readonly string[];
  /** No endpoint can be reached from here at all. */
  readonly beyondReach?: boolean;
  /** How long a member of this host was waited for, ms: the reads get their time all the same. */
  readonly waitedMs?: number;
}

/** Everything of the outside world that a run uses; tests hand in fakes. */
export interface Wiring {
  readonly ports: Ports;
  readonly probes: ProbeLists;
  readonly hostToken: string;
  readonly reachability: Reachability;
  /** Platform, endpoints and certificates found on this host; absent where nobody looked. */
  readonly place?: Place;
  readonly findLocals: () => Promise<LocalDiscovery>;
  /** Waits for an etcd process that lives shortly. */
  readonly watchLocals?: (signal: AbortSignal) => Promise<LocalDiscovery>;
  readonly discover: (locals: readonly LocalMember[], signal: AbortSignal) => Promise<Discovered>;
  /** Absent: the run keeps the priority of its process. */
  readonly priority?: PriorityKeeper;
  readonly close: () => void;
}

/** The real doors, after a look around on this host. Rejects with ProbeError when a TLS file cannot be read. */
export const createWiring = async (given: CollectOptions, base: FilesPort = createFilesPort()): Promise<Wiring> => {
  const own = [...given.logs.map(({ file }) => file), ...given.dataDirs.map((entry) => splitOwner(entry).file)];
  const files = given.hostRoot === undefined ? base : rootedFiles(given.hostRoot, base, own);
  const place = await lookAround(given, files);
  const { options } = place;
  const permission = loadPermission(options);
  // The user's own kubeconfig lies where the collector runs, that of the node below the root of the host.
  const door =
    options.kubernetes === false
      ? undefined
      : await openKubernetes(options, place, options.kubeconfig === undefined ? files : base);
  const ports: Ports = {
    etcd: createEtcdPort(options),
    http: createHttpPort(options),
    net: createNetPort(options),
    files,
    ...(options.prometheus === undefined ? {} : { prometheus: createPrometheusPort(options.prometheus) }),
    ...(door === undefined || !('port' in door) ? {} : { kubernetes: door.port }),
    ...(permission === undefined || !options.local ? {} : { scratch: createScratchPort(permission) }),
    ...(permission === undefined || options.keyspace === undefined
      ? {}
      : { keyspace: { permission, prefixes: options.keyspace.prefixes } }),
  };
  return {
    ports,
    probes: {
      remote: [...remoteProbes, ...kubernetesProbes(door)],
      local: [...(options.local ? localProbes : []), ...optInProbes(ports)],
    },
    hostToken: hostToken(given.hostRoot),
    reachability: createReachability(),
    place,
    findLocals: async () => place.locals,
    watchLocals: (signal) => watchForMembers(files, new Set(place.locals.members.map(({ pid }) => pid)), signal),
    discover: (locals, signal) => discoverTargets(options, ports, signal, locals),
    ...(options.nice === true ? { priority: createPriorityKeeper() } : {}),
    close: () => {
      ports.etcd.close();
      ports.http.close();
      ports.prometheus?.close();
      ports.kubernetes?.close();
    },
  };
};
