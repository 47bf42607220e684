/** A healthy cluster of three members with a host each, in every fact that rules look at; scenarios change what they are about. */
import type { FactValues } from '../../../analyzer/fact.js';
import { counter, latency, log } from '../../support/fake-facts.js';
import type { RuleScenario } from '../../support/rule-tester.js';
import { sockets, timeSync } from '../../support/surroundings.js';
import { alarms } from '../rules/quota/facts.js';
import { storage } from '../rules/quota/facts.js';
import { membership, versions } from '../rules/integrity/fakes.js';
import { answering, leaderView, matrix, quorum, sameTimers, scope } from '../rules/network/links.js';
import {
  cgroup,
  hostCpu,
  kernel,
  leases,
  memory,
  pressure,
  process,
  proposals,
  puts,
  requests,
  sched,
  slowOps,
  traffic,
  watchers,
} from '../rules/resources/values.js';
import { disk, filesystem, writers } from '../rules/storage/facts.js';

export type Members = 'm1' | 'm2' | 'm3';
type MemberFacts = Partial<FactValues['member']>;
type HostFacts = Partial<FactValues['host']>;

export interface Changes {
  readonly cluster?: Partial<FactValues['cluster']>;
  /** For every member. */
  readonly each?: MemberFacts;
  readonly m1?: MemberFacts | undefined;
  readonly m2?: MemberFacts | undefined;
  readonly m3?: MemberFacts | undefined;
  readonly h1?: HostFacts | undefined;
  readonly h2?: HostFacts | undefined;
  readonly h3?: HostFacts | undefined;
  /** No collector ran on any host. */
  readonly outside?: boolean;
}

/** Facts that only a collector on the host gives. */
const local = {
  cgroup: cgroup(null),
  processSched: sched(),
  hostPressure: pressure({}),
};

const remote = {
  reachability: answering(),
  walFsync: latency({ 1: 500, 2: 300 }),
  heartbeatFailures: counter(0),
  leaderChanges: counter(0),
  slowOperations: slowOps(0),
  proposals: proposals(3600),
  puts: puts(3600),
  leases: leases(),
  watchers: watchers(),
  requests: requests([]),
  traffic: traffic(),
  process: process(),
  storage: storage(),
};

const host = {
  cpu: hostCpu(),
  memory: memory(),
  diskActivity: disk(),
  writers: writers(0.9),
  network: { scopes: [scope('host', 4, 0.0004, 0)] },
  filesystems: filesystem(),
  kernelEvents: kernel(),
  timeSync: timeSync(true),
};

export const scenario = (name: string, changes: Changes = {}): RuleScenario => {
  const member = (n: number, own: MemberFacts | undefined): MemberFacts => ({
    ...remote,
    ...(changes.outside === true ? {} : { ...local, log: log(), sockets: sockets(n) }),
    ...changes.each,
    ...own,
  });
  return {
    name,
    members: (['m1', 'm2', 'm3'] as const).map((each, i) => ({
      name: each,
      ...(changes.outside === true ? {} : { host: `h${i + 1}` }),
    })),
    cluster: {
      membership: membership(),
      quorum: quorum(),
      leaderView: leaderView(),
      peerMatrix: matrix(),
      config: sameTimers(100, 1000),
      versions: versions('3.5.33', '3.5.33', '3.5.33'),
      alarms: alarms(),
      ...changes.cluster,
    },
    member: { m1: member(1, changes.m1), m2: member(2, changes.m2), m3: member(3, changes.m3) },
    host:
      changes.outside === true
        ? {}
        : { h1: { ...host, ...changes.h1 }, h2: { ...host, ...changes.h2 }, h3: { ...host, ...changes.h3 } },
  };
};
