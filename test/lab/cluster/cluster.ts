import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { planLayout } from './cluster-layout.js';
import type { Cluster, ClusterOptions, Member } from './cluster-types.js';
import { ensureEtcd } from '../../support/etcd-binaries.js';
import type { EtcdClient } from '../../support/etcd-client.js';
import { createHosts } from './hosts.js';
import { labDir, openLab } from './lab.js';
import { jwtFlag } from './jwt.js';
import { createMember } from './member.js';
import { createClusterTls } from './cluster-tls.js';
import { createNetns } from './netns.js';
import { startPeerProxy } from './peer-proxy.js';
import { runOk } from '../../support/run.js';

export type { Cluster, ClusterOptions, Member, StartOverrides } from './cluster-types.js';

/**
 * Start an etcd cluster on this machine and wait until it serves.
 * Throws `EtcdUnavailable` when the release cannot be had, or an error with the end of the logs when it does not come up.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const size = options.size ?? 3;
  const total = size + (options.spares ?? 0);
  const line = options.version ?? '3.5';
  const binaries = options.binaries ?? (await ensureEtcd(line));
  const wantsHosts = options.hosts !== undefined && options.hosts !== false;
  const lab = openLab();
  let closeProxy = async (): Promise<void> => undefined;
  try {
    const netns = options.netns === true || wantsHosts ? await createNetns(lab, total) : undefined;
    const hosts =
      netns === undefined || !wantsHosts
        ? undefined
        : await createHosts(lab, netns, diskSizes(options.hosts ?? false, total), options);
    const layout = await planLayout(total, options, netns);
    const tls = options.tls === 'mtls' ? await createClusterTls(labDir(lab, 'pki'), layout, options) : undefined;
    const proxy = layout.lanes === undefined ? undefined : await startPeerProxy(layout.lanes);
    if (proxy !== undefined) closeProxy = proxy.close;
    const members: Member[] = [];
    const tokenFlags = options.auth?.token === 'jwt' ? [await jwtFlag(labDir(lab, 'jwt'))] : [];
    const context: Context = { lab, options, layout, members, binaries, tls, netns, hosts, proxy, tokenFlags };
    for (let index = 0; index < total; index += 1) {
      mkdirSync(join(lab.dir, `m${index + 1}`), { recursive: true });
      members.push(createMember(context, index));
    }
    const cluster = assemble(context, closeProxy);
    await Promise.all(cluster.members.map((member) => member.start()));
    const expected = cluster.members
      .map(({ index }) => index)
      .filter((index) => options.dontWaitFor?.includes(index) !== true);
    await cluster.waitHealthy(options.startTimeoutMs ?? 60_000, expected);
    await learnIds(cluster.members, expected[0] ?? 0);
    if (options.auth !== undefined) await enableAuth(cluster, options.auth);
    return cluster;
  } catch (error) {
    const logs = await lastLogLines(lab.dir, total);
    lab.end();
    await closeProxy();
    throw new Error(`the cluster did not start: ${error instanceof Error ? error.message : String(error)}${logs}`, {
      cause: error,
    });
  }
}

const diskSizes = (hosts: boolean | number | readonly number[], size: number): readonly (number | undefined)[] =>
  typeof hosts === 'boolean' ? [] : typeof hosts === 'number' ? Array.from({ length: size }, () => hosts) : hosts;

type Context = Parameters<typeof createMember>[0];

function assemble(context: Context, closeProxy: () => Promise<void>): Cluster {
  const { lab, binaries, tls, netns, hosts, proxy } = context;
  const all = context.members;
  const founders = all.length - context.layout.spares;
  const members = all.slice(0, founders);
  let authOn: { user: string; password: string } | undefined;
  const cluster: Cluster = {
    lab,
    members,
    spares: all.slice(founders),
    binaries,
    ...(tls === undefined ? {} : { tls }),
    ...(netns === undefined ? {} : { netns }),
    ...(hosts === undefined ? {} : { hosts }),
    ...(proxy === undefined ? {} : { proxy }),
    get auth() {
      return authOn;
    },
    set auth(value) {
      authOn = value;
      context.auth = value;
    },
    member: (index) => {
      const member = all[index];
      if (member === undefined) throw new Error(`there is no member ${index}`);
      return member;
    },
    endpoints: () => members.map((member) => member.clientUrl),
    waitHealthy: (timeoutMs = 30_000, indexes) => {
      const chosen = indexes === undefined ? members.filter(({ running }) => running) : indexes.map(cluster.member);
      return waitHealthy(chosen, timeoutMs);
    },
    leader: (timeoutMs = 10_000) => findLeader(all, timeoutMs),
    etcdctl: (args, { via = members, ...runOptions } = {}) => {
      const own = ['--endpoints', via.map((member) => member.clientUrl).join(',')];
      if (tls !== undefined) own.push('--cacert', tls.ca.cert, '--cert', tls.client.cert, '--key', tls.client.key);
      if (authOn !== undefined) own.push('--user', `${authOn.user}:${authOn.password}`);
      const env = { ...process.env, ETCDCTL_API: '3', ...runOptions.env };
      return runOk(binaries.etcdctl, [...own, ...args], { ...runOptions, env });
    },
    dispose: async () => {
      // A stopped (SIGSTOP) process dies of SIGKILL as well, and nothing in a lab deserves a graceful end.
      lab.end();
      await closeProxy();
    },
  };
  return cluster;
}

async function learnIds(members: readonly Member[], from: number): Promise<void> {
  const client = await members[from]?.client();
  if (client === undefined) return;
  try {
    const reply = await client.call('MemberList', {});
    const listed = Array.isArray(reply.members) ? (reply.members as { id: string; name: string }[]) : [];
    for (const member of members) {
      const id = listed.find(({ name }) => name === member.name)?.id;
      if (id !== undefined) member.id = BigInt(id).toString(16).padStart(16, '0');
    }
  } finally {
    client.close();
  }
}

async function enableAuth(cluster: Cluster, { user, password }: { user: string; password: string }): Promise<void> {
  const names = user === 'root' ? ['root'] : ['root', user];
  for (const name of names) {
    await cluster.etcdctl(['user', 'add', `${name}:${password}`]);
    await cluster.etcdctl(['role', 'add', name]);
    if (name !== 'root') await cluster.etcdctl(['role', 'grant-permission', name, '--prefix=true', 'readwrite', '']);
    await cluster.etcdctl(['user', 'grant-role', name, name]);
  }
  await cluster.etcdctl(['auth', 'enable']);
  cluster.auth = { user, password };
}

async function waitHealthy(members: readonly Member[], timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  await Promise.all(
    members.map(async (member) => {
      for (;;) {
        const failure = await serves(member);
        if (failure === undefined) return;
        if (!member.running) throw new Error(`${member.name} ended; see ${member.logFile}`);
        if (Date.now() > deadline) throw new Error(`${member.name} is not healthy after ${timeoutMs} ms: ${failure}`);
        await sleep(100);
      }
    }),
  );
}

/** Undefined if a linearizable read works on this member, else what was said. */
async function serves(member: Member): Promise<string | undefined> {
  let client: EtcdClient | undefined;
  try {
    client = await member.client();
    await client.call('Range', { key: Buffer.from('health') }, 2_000);
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    // Being refused by authorisation is an answer that went through raft's read path.
    return text.includes('permission denied') ? undefined : text;
  } finally {
    client?.close();
  }
}

async function findLeader(members: readonly Member[], timeoutMs: number): Promise<Member> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const claims = await Promise.all(members.filter((member) => member.running).map(leaderSeenBy));
    const known = new Set(claims.filter((id) => id !== undefined));
    const [id] = known;
    const leader = members.find((member) => member.id === id && member.running);
    if (known.size === 1 && leader !== undefined) return leader;
    if (Date.now() > deadline) throw new Error(`no agreed leader after ${timeoutMs} ms (claims: ${claims.join(', ')})`);
    await sleep(100);
  }
}

async function leaderSeenBy(member: Member): Promise<string | undefined> {
  let client: EtcdClient | undefined;
  try {
    client = await member.client();
    const { leader } = await client.call('Status', {}, 1_000);
    return leader === '0' ? undefined : BigInt(String(leader)).toString(16).padStart(16, '0');
  } catch {
    return undefined;
  } finally {
    client?.close();
  }
}

async function lastLogLines(dir: string, size: number): Promise<string> {
  let text = '';
  for (let index = 1; index <= size; index += 1) {
    const log = await readFile(join(dir, `m${index}`, 'etcd.log'), 'utf8').catch(() => '');
    if (log !== '') text += `\n-- m${index} --\n${log.trim().split('\n').slice(-4).join('\n').slice(-2000)}`;
  }
  return text;
}
