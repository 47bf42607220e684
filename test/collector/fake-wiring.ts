import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { AnyProbe } from '../../collector/plan.js';
import type { EtcdPort } from '../../collector/ports/etcd.js';
import type { FilesPort } from '../../collector/ports/files.js';
import type { HttpPort } from '../../collector/ports/http.js';
import type { NetPort } from '../../collector/ports/net.js';
import type { CollectOptions } from '../../collector/options.js';
import { defineProbe, type MemberTarget, ProbeError, type ProbeContext } from '../../collector/probe.js';
import { createReachability } from '../../collector/reachability.js';
import type { CollectIo } from '../../collector/run.js';
import type { Discovered, Wiring } from '../../collector/wiring.js';
import type { EndpointStatusArtifact } from '../../schemas/index.js';

const closed = (name: string) => (): never => {
  throw new Error(`${name} is not faked`);
};

export const memberIds = ['8e9e05c52164694d', 'fd422379fda50e48', '91bc3c398fb3c146'] as const;

export const fakeMember = (index: number, over: Partial<MemberTarget> = {}): MemberTarget => ({
  kind: 'member',
  id: memberIds[index] ?? '0000000000000001',
  name: `m${index + 1}`,
  endpoint: `10.0.0.${index + 1}:2379`,
  tls: false,
  clientUrls: [`http://10.0.0.${index + 1}:2379`],
  peerUrls: [`http://10.0.0.${index + 1}:2380`],
  isLearner: false,
  discoveredBy: 'member-list',
  httpUrls: [`http://10.0.0.${index + 1}:2379`],
  ...over,
});

export const fakeStatus = (memberId: string, over: Partial<EndpointStatusArtifact> = {}): EndpointStatusArtifact => ({
  memberId,
  clusterId: 'cdf818194e3a8c32',
  revision: '9007199254740993',
  version: '3.5.16',
  dbSize: '20480',
  leader: memberIds[0],
  raftIndex: '18446744073709551615',
  raftTerm: '2',
  errors: [],
  isLearner: false,
  elapsedMs: 1,
  ...over,
});

type Answer = (context: ProbeContext<MemberTarget>) => Promise<EndpointStatusArtifact>;

/** Waits for the signal and then fails as a port does. */
export const hang = (context: ProbeContext<unknown>): Promise<never> =>
  new Promise((_, reject) => {
    const timer = setTimeout(() => reject(new ProbeError('timeout', 'not-answering', 'no answer')), context.timeoutMs);
    context.signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new ProbeError('timeout', 'not-answering', 'aborted'));
    });
  });

export const statusProbe = (answer: Answer): AnyProbe =>
  defineProbe({
    kind: 'endpoint-status',
    scope: 'member',
    title: 'Status',
    reads: 'status',
    permission: 'none',
    impact: 'read-only',
    cost: 'cheap',
    phase: 'round',
    source: ({ endpoint }) => `Maintenance/Status ${endpoint}`,
    run: async (context) => ({
      state: 'ok',
      source: `Maintenance/Status ${context.target.endpoint}`,
      parts: [{ content: await answer(context) }],
    }),
  });

/** A text probe of one kind in one phase. */
export const textProbe = (
  kind: 'server-log' | 'metrics',
  phase: 'once' | 'after',
  run: (context: ProbeContext<MemberTarget>) => Promise<string>,
): AnyProbe => {
  const shared = {
    scope: 'member',
    title: kind,
    reads: kind,
    permission: 'read access',
    impact: 'read-only',
    cost: 'moderate',
    phase,
    source: () => kind,
    run: async (context: ProbeContext<MemberTarget>) => ({
      state: 'ok' as const,
      source: kind,
      parts: [{ content: await run(context) }],
    }),
  } as const;
  return kind === 'metrics' ? defineProbe({ ...shared, kind }) : defineProbe({ ...shared, kind });
};

export const fakeWiring = (
  discovered: Partial<Discovered>,
  remote: readonly AnyProbe[],
  local: readonly AnyProbe[] = [],
): Wiring & { readonly closed: () => boolean } => {
  let isClosed = false;
  const etcd: EtcdPort = {
    status: closed('status'),
    memberList: closed('memberList'),
    hashKV: closed('hashKV'),
    alarms: closed('alarms'),
    countRead: closed('countRead'),
    countRange: closed('countRange'),
    connect: closed('connect'),
    requests: () => ({ [memberIds[0]]: { once: 2, '0': 1 } }),
    leave: () => undefined,
    close: () => undefined,
  };
  const http: HttpPort = {
    get: closed('get'),
    getFromMember: closed('getFromMember'),
    requests: () => ({ [memberIds[0]]: { '0': 1 } }),
    close: () => undefined,
  };
  const net: NetPort = {
    resolve: closed('resolve'),
    tcpConnect: closed('tcpConnect'),
    tlsHandshake: closed('tlsHandshake'),
  };
  const files: FilesPort = {
    readText: closed('readText'),
    readPseudo: closed('readPseudo'),
    readRange: closed('readRange'),
    open: closed('open'),
    list: closed('list'),
    stat: closed('stat'),
    readLink: closed('readLink'),
    realPath: closed('realPath'),
    statfs: closed('statfs'),
  };
  return {
    ports: { etcd, http, net, files },
    probes: { remote, local },
    hostToken: 'host-0badcafe',
    reachability: createReachability(),
    findLocals: async () => ({ members: [], notes: [] }),
    discover: async () => ({ members: [], endpoints: [], notes: [], ...discovered }),
    close: () => {
      isClosed = true;
    },
    closed: () => isClosed,
  };
};

export const fakeOptions = (over: Partial<CollectOptions> = {}): CollectOptions => ({
  endpoints: ['10.0.0.1:2379'],
  cluster: true,
  tls: { insecureSkipTlsVerify: false },
  metricsEndpoints: [],
  rounds: 1,
  windowMs: 0,
  budgetMs: 60_000,
  itemTimeoutMs: 5_000,
  logs: [],
  logSinceMs: 3_600_000,
  maxLogBytes: 1_000_000,
  local: false,
  dataDirs: [],
  redact: 'secrets-only',
  progress: 'none',
  profile: 'default',
  invocationFlags: {},
  ...over,
});

/** A stream that keeps what is written. */
export const sink = (): { stream: Writable; bytes: () => Buffer } => {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, next) => {
      chunks.push(chunk);
      next();
    },
  });
  return { stream, bytes: () => Buffer.concat(chunks) };
};

export const fakeIo = (wiring: Wiring, over: Partial<CollectIo> = {}): CollectIo => ({
  wire: () => wiring,
  signal: new AbortController().signal,
  emit: () => undefined,
  stdout: sink().stream,
  now: () => Date.now(),
  monotonic: () => performance.now(),
  version: '0.0.0-test',
  ...over,
});

/** A directory of its own for one test. */
export const withDirectory = async (work: (directory: string) => Promise<void>): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), 'collect-test-'));
  try {
    await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};
