import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runOk } from '../../../support/run.js';
import type { Cluster, Member } from '../../cluster/cluster-types.js';
import type { Host } from '../../cluster/hosts.js';
import { type Program, startProgram } from '../../cluster/member-process.js';
import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { type Fault, FaultUnsupported, fault } from '../types.js';
import { connectionEnder } from './peer-connections.js';

const NAME = 'dns-failure';
const MODES = ['timeout', 'nxdomain', 'servfail'];
const urlOf = (at: number): string => `http://m${at}.etcd.test:2380`;
const NUMBERS = [1, 2, 3] as const;

/** Peer URLs are names, which every host knows until this takes them away; then a name server is asked that does not help. */
export default defineFault({
  name: NAME,
  title: 'the host of the member cannot resolve the names of the peers any more',
  params: {
    answer: { default: 'timeout', about: 'what the name server says: timeout (nothing), nxdomain or servfail' },
    cut: { default: true, about: 'connections with peers end at that moment; those that live on need no names' },
  },
  on: 'member',
  cluster: {
    hosts: true,
    flags: [`--initial-cluster=${NUMBERS.map((at) => `m${at}=${urlOf(at)}`).join(',')}`],
    memberFlags: Object.fromEntries(NUMBERS.map((at) => [at - 1, [`--initial-advertise-peer-urls=${urlOf(at)}`]])),
  },
  truth: {
    causes: ['dns-failure'],
    verdict: ['investigate'],
    also: {
      'peer-port-blocked-asymmetric': 'its peers dial the member, and it cannot dial them',
      'slow-follower-lag': 'entries take another way',
      'read-index-slow': 'read requests take another way',
    },
    fromOneNode: {
      causes: ['dns-failure', 'peer-port-blocked-asymmetric'],
      verdict: ['investigate', 'inconclusive'],
      subject: 'any',
      missing: 'the log of the member that fails to resolve: from outside it dials nobody, for whatever reason',
    },
  },
  apply: async (cluster, members, { answer, cut }) => {
    const { hosts, netns } = cluster;
    if (hosts === undefined || netns === undefined)
      throw new FaultUnsupported(NAME, 'start the cluster with hosts: true');
    if (!MODES.includes(answer)) throw new Error(`${NAME}: answer is one of ${MODES.join(', ')}, not ${answer}`);
    if (!members.every(({ args, index }) => args.includes(`--initial-advertise-peer-urls=${urlOf(index + 1)}`)))
      throw new FaultUnsupported(NAME, 'the members were not started with names in their peer URLs');
    const endConnections = await connectionEnder(cluster, members, NAME);
    const server = await startServer(cluster, netns.hostAddress, answer);
    const forgotten = await onEach(members, (member) => forgetNames(cluster, member, hosts, netns.hostAddress));
    // Resolvers look at their files at most every five seconds.
    await sleep(5_500);
    if (cut) await endConnections();
    return fault(async () => {
      await forgotten.undo();
      if (server.running()) process.kill(server.pid, 'SIGKILL');
    });
  },
});

async function forgetNames(
  cluster: Cluster,
  member: Member,
  hosts: readonly Host[],
  nameServer: string,
): Promise<Fault> {
  const host = hosts[member.index];
  if (host === undefined) throw new FaultUnsupported(NAME, `${member.name} has no host`);
  const { namesFile, inside } = host;
  const names = readFileSync(namesFile, 'utf8');
  const resolvConf = join(cluster.lab.dir, member.name, 'resolv.conf');
  writeFileSync(resolvConf, `nameserver ${nameServer}\n`);
  const onHost = async (command: readonly string[]): Promise<void> => {
    const [file = '', ...args] = inside(command);
    await runOk(file, args);
  };
  await onHost(['mount', '--bind', resolvConf, '/etc/resolv.conf']);
  writeFileSync(namesFile, '127.0.0.1 localhost\n');
  return fault(async () => {
    writeFileSync(namesFile, names);
    await onHost(['umount', '/etc/resolv.conf']);
  });
}

async function startServer(cluster: Cluster, address: string, answer: string): Promise<Program> {
  const script = fileURLToPath(new URL('./dns-server.js', import.meta.url));
  const logFile = join(cluster.lab.dir, 'dns-server.log');
  writeFileSync(logFile, '');
  const program = startProgram(cluster.lab, [process.execPath, script, address, answer, cluster.lab.dir], { logFile });
  const deadline = Date.now() + 10_000;
  for (;;) {
    const said = await readFile(logFile, 'utf8');
    if (said.includes('listening')) return program;
    if (!program.running())
      throw new FaultUnsupported(NAME, `no name server on ${address}: ${said.trim().slice(-200)}`);
    if (Date.now() > deadline) throw new Error('the name server does not start');
    await sleep(20);
  }
}
