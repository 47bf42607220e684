import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterOptions, Member, StartOverrides, UserTls } from './cluster-types.js';
import type { Layout } from './cluster-layout.js';
import { type EtcdBinaries, ensureEtcd } from '../../support/etcd-binaries.js';
import { connect } from '../../support/etcd-client.js';
import { get } from '../../support/http-get.js';
import { childOf, type Host } from './hosts.js';
import type { Lab } from './lab.js';
import { type Program, startProgram, waitPortClosed } from './member-process.js';
import { parseMetrics } from '../../support/metrics.js';
import { inNamespace, type NetnsLab } from './netns.js';
import type { PeerProxy } from './peer-proxy.js';

export type ClusterTls = UserTls & {
  /** The file that members trust; nothing ever changes it. */
  trusted: string;
};

/** What members of a cluster share. */
export type MemberContext = {
  lab: Lab;
  options: ClusterOptions;
  layout: Layout;
  /** All, the spares last. */
  members: Member[];
  binaries: EtcdBinaries;
  tls: ClusterTls | undefined;
  netns: NetnsLab | undefined;
  hosts: readonly Host[] | undefined;
  proxy: PeerProxy | undefined;
  auth?: { user: string; password: string } | undefined;
  /** Flags about the tokens of users. */
  tokenFlags: readonly string[];
};

/** A member that is not started yet. */
export function createMember(context: MemberContext, index: number): Member {
  const { layout, lab, options, tls } = context;
  const own = layout.members[index];
  if (own === undefined) throw new Error(`no layout for member ${index}`);
  const name = `m${index + 1}`;
  const dir = join(lab.dir, name);
  const logFile = join(dir, 'etcd.log');
  const host = context.hosts?.[index];
  const dataDir = join(host?.disk ?? dir, 'data');
  const clientUrl = `${layout.scheme}://${own.address}:${own.clientPort}`;
  const metricsUrl = own.metricsPort === undefined ? undefined : `http://${own.address}:${own.metricsPort}`;
  let program: Program | undefined;
  let etcdPid = 0;
  let args: readonly string[] = [];
  let extra: readonly string[] = [...(options.flags ?? []), ...(options.memberFlags?.[index] ?? [])];
  let line = options.memberVersions?.[index];
  let other: EtcdBinaries | undefined;
  let env: Readonly<Record<string, string>> = options.env ?? {};

  const start = async (overrides: StartOverrides = {}): Promise<void> => {
    if (program?.running() === true) throw new Error(`${name} is running already`);
    extra = overrides.flags ?? extra;
    if (overrides.version !== undefined || overrides.binaries !== undefined) {
      line = overrides.version;
      other = overrides.binaries;
    }
    env = overrides.env ?? env;
    const binaries = other ?? (line === undefined ? context.binaries : await ensureEtcd(line));
    args = [binaries.etcd, ...overridden(memberFlags(context, index, dataDir), extra)];
    const namespace = context.netns?.members[index]?.namespace;
    // nsenter stays in front of what it runs in another process namespace; the kernel ends that with it.
    const command =
      host !== undefined
        ? host.inside(['setpriv', '--pdeathsig', 'KILL', '--', ...args])
        : namespace === undefined
          ? args
          : inNamespace(namespace, args);
    program = startProgram(lab, command, { logFile, env: { ...cleanEnv(), ...env } });
    etcdPid = host === undefined ? program.pid : await childOf(program.pid);
    member.version = binaries.version;
    await context.proxy?.setPids(context.members.map((each) => (each.running ? each.pid : undefined)));
  };

  const stop: Member['stop'] = async (signal) => {
    if (program === undefined || !program.running()) return;
    signalTo(etcdPid, signal);
    // A stopped process takes no SIGTERM until it goes on, and nsenter stops itself together with its child.
    if (signal === 'SIGTERM') signalTo(etcdPid, 'SIGCONT');
    if (signal !== 'SIGSTOP' && program.pid !== etcdPid) {
      await sleep(20);
      signalTo(program.pid, 'SIGCONT');
    }
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') return;
    const { exited } = program;
    const timer = setTimeout(() => member.running && signalTo(member.pid, 'SIGKILL'), 20_000);
    await exited;
    clearTimeout(timer);
    await waitPortClosed(own.address, own.clientPort);
    await waitPortClosed(own.address, own.peerPort);
  };

  const member: Member = {
    index,
    name,
    id: '',
    address: own.address,
    clientUrl,
    peerUrl: `${layout.scheme}://${own.advertisedPeer.address}:${own.advertisedPeer.port}`,
    ...(metricsUrl === undefined ? {} : { metricsUrl }),
    dataDir,
    logFile,
    version: '',
    get pid() {
      return etcdPid;
    },
    get running() {
      return program?.running() ?? false;
    },
    get args() {
      return args;
    },
    get flags() {
      return extra;
    },
    ...(host === undefined ? {} : { host }),
    ...(tls === undefined ? {} : { credentials: tls.credentials }),
    start,
    stop,
    client: async () => {
      const client = connect(clientUrl, tls?.credentials);
      if (context.auth !== undefined) {
        await client.login(context.auth.user, context.auth.password).catch((error: unknown) => {
          client.close();
          throw error;
        });
      }
      return client;
    },
    metrics: async (timeoutMs = 5_000) =>
      parseMetrics(await get(`${metricsUrl ?? clientUrl}/metrics`, timeoutMs, tls?.credentials)),
    log: () => readFile(logFile, 'utf8'),
  };
  return member;
}

/** A process that ended meanwhile needs no signal. */
function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** etcd takes the last of several flags of one name; a command line that has each once is what an operator would write. */
function overridden(standard: readonly string[], extra: readonly string[]): string[] {
  return [...new Map([...standard, ...extra].map((flag) => [flag.split('=', 1)[0], flag])).values()];
}

function memberFlags(context: MemberContext, index: number, dataDir: string): string[] {
  const { layout, options, tls, lab } = context;
  const own = layout.members[index];
  if (own === undefined) throw new Error(`no layout for member ${index}`);
  const client = `${layout.scheme}://${own.address}:${own.clientPort}`;
  const founders = layout.members.length - layout.spares;
  const cluster = layout.members
    .map(({ advertisedPeer }, at) => `m${at + 1}=${layout.scheme}://${advertisedPeer.address}:${advertisedPeer.port}`)
    .filter((_, at) => at < founders || at === index);
  const flags = [
    `--name=m${index + 1}`,
    `--data-dir=${dataDir}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${layout.scheme}://${own.address}:${own.peerPort}`,
    `--initial-advertise-peer-urls=${layout.scheme}://${own.advertisedPeer.address}:${own.advertisedPeer.port}`,
    `--initial-cluster=${cluster.join(',')}`,
    `--initial-cluster-token=${lab.dir.split('/').pop()}`,
    `--initial-cluster-state=${index < founders ? 'new' : 'existing'}`,
    '--logger=zap',
    `--log-level=${options.logLevel ?? 'info'}`,
    ...context.tokenFlags,
  ];
  if (own.metricsPort !== undefined) flags.push(`--listen-metrics-urls=http://${own.address}:${own.metricsPort}`);
  const pair = tls?.pairs[index];
  if (tls !== undefined && pair !== undefined) {
    flags.push(
      '--client-cert-auth=true',
      `--trusted-ca-file=${tls.trusted}`,
      `--cert-file=${pair.server.cert}`,
      `--key-file=${pair.server.key}`,
      '--peer-client-cert-auth=true',
      `--peer-trusted-ca-file=${tls.trusted}`,
      `--peer-cert-file=${pair.peer.cert}`,
      `--peer-key-file=${pair.peer.key}`,
    );
  }
  return flags;
}

/** etcd reads flags from ETCD_* too; a variable of the caller's shell must not leak into a test. */
function cleanEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(ETCD|NODE_|https?_proxy)/i.test(key)));
}
