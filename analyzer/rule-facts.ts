import type { Facts, FactScope, FactValues, Observed } from './fact.js';

/** Names of all facts; a name says its scope, so no two scopes share one. */
export type FactName = { [S in FactScope]: keyof FactValues[S] & string }[FactScope];

/** Value of a fact by name. */
export type FactValue<K extends FactName> = K extends keyof FactValues['member']
  ? FactValues['member'][K]
  : K extends keyof FactValues['host']
    ? FactValues['host'][K]
    : K extends keyof FactValues['cluster']
      ? FactValues['cluster'][K]
      : never;

type ScopeOf<K extends FactName> = K extends keyof FactValues['member']
  ? 'member'
  : K extends keyof FactValues['host']
    ? 'host'
    : 'cluster';

const scopes: { readonly [K in FactName]: ScopeOf<K> } = {
  scrapes: 'member',
  reachability: 'member',
  status: 'member',
  health: 'member',
  leaderState: 'member',
  walFsync: 'member',
  walWrite: 'member',
  backendCommit: 'member',
  snapFsync: 'member',
  applyDuration: 'member',
  rtt: 'member',
  defrag: 'member',
  process: 'member',
  leaderChanges: 'member',
  heartbeatFailures: 'member',
  proposals: 'member',
  slowOperations: 'member',
  requests: 'member',
  handling: 'member',
  traffic: 'member',
  storage: 'member',
  puts: 'member',
  watchers: 'member',
  leases: 'member',
  snapshots: 'member',
  readLatency: 'member',
  log: 'member',
  hostPressure: 'member',
  cgroup: 'member',
  processSched: 'member',
  dataFiles: 'member',
  dataCopy: 'member',
  crashes: 'member',
  sockets: 'member',
  fsyncProbe: 'member',
  diskActivity: 'host',
  writers: 'host',
  cpu: 'host',
  memory: 'host',
  network: 'host',
  filesystems: 'host',
  kernelEvents: 'host',
  netConfig: 'host',
  timeSync: 'host',
  blockDevices: 'host',
  membership: 'cluster',
  leaderView: 'cluster',
  quorum: 'cluster',
  raftLag: 'cluster',
  hashes: 'cluster',
  alarms: 'cluster',
  versions: 'cluster',
  peerMatrix: 'cluster',
  revisions: 'cluster',
  clockOffsets: 'cluster',
  certificates: 'cluster',
  config: 'cluster',
  copies: 'cluster',
  coverage: 'cluster',
  apiServer: 'cluster',
  controlPlane: 'cluster',
  staticPods: 'cluster',
  storedObjects: 'cluster',
  history: 'cluster',
  keyspace: 'cluster',
};

export const factScope = (name: FactName): FactScope => scopes[name];

/** One fact by name and subject id: what the engine reads through. */
export type FactLookup = <K extends FactName>(name: K, id: string) => Observed<FactValue<K>>;

export const lookupOver =
  (facts: Facts): FactLookup =>
  (name, id) => {
    const scope = factScope(name);
    const read =
      scope === 'member'
        ? facts.member
        : scope === 'host'
          ? facts.host
          : (_: string, fact: never) => facts.cluster(fact);
    return read(id, name as never) as Observed<FactValue<typeof name>>;
  };
