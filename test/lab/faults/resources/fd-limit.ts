import { readdirSync, readFileSync } from 'node:fs';
import { type Socket, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../../support/run.js';
import { systemTool } from '../../../support/tools.js';
import type { Member } from '../../cluster/cluster-types.js';
import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { type Fault, FaultUnsupported, fault } from '../types.js';

const openOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

const softLimitOf = (pid: number): string =>
  /^Max open files\s+(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1] ?? 'unlimited';

/** Only the soft limit: the hard one could not be raised again without CAP_SYS_RESOURCE. */
const setSoftLimit = async (prlimit: string, pid: number, limit: string): Promise<void> => {
  const { code, stderr } = await run(prlimit, ['--pid', String(pid), `--nofile=${limit}:`]);
  if (code !== 0) throw new FaultUnsupported('fd-limit', stderr.trim());
};

/** A connection that a client opened and forgot. Whether the member takes it is not waited for. */
const leak = (member: Member): Promise<Socket> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(member.clientUrl);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => resolve(socket));
    socket.once('connect', () => resolve(socket));
  });

const exhaust = async (member: Member, { limit, leave }: { limit: number; leave: number }): Promise<Fault> => {
  const prlimit = await systemTool('prlimit', 'util-linux');
  if (prlimit === undefined) throw new FaultUnsupported('fd-limit', 'prlimit is not installed');
  const { pid } = member;
  const before = softLimitOf(pid);
  const open = openOf(pid);
  if (open + 10 >= limit)
    throw new FaultUnsupported(
      'fd-limit',
      `${member.name} has ${open} descriptors open already, the limit is ${limit}`,
    );
  const sockets: Socket[] = [];
  const close = (): void => {
    for (const socket of sockets.splice(0)) socket.destroy();
  };
  await setSoftLimit(prlimit, pid, String(limit));
  try {
    // With nothing left over, some more connections wait at the door than could come in.
    const wanted = leave > 0 ? limit - leave : limit + 8;
    for (let count = open; count < wanted && member.running; count += 1) sockets.push(await leak(member));
    await sleep(500);
    while (leave > 0 && openOf(pid) < wanted) {
      if (sockets.length > limit) throw new Error(`${member.name} does not keep the connections`);
      sockets.push(await leak(member));
      await sleep(20);
    }
  } catch (error) {
    close();
    if (member.running) await setSoftLimit(prlimit, pid, before);
    throw error;
  }
  return fault(async () => {
    close();
    if (member.running && member.pid === pid) await setSoftLimit(prlimit, pid, before);
    else if (!member.running) await member.start();
  });
};

export default defineFault({
  name: 'fd-limit',
  title: 'clients leak connections until the member has hardly a file descriptor left',
  params: {
    limit: { default: 300, about: 'file descriptors that the member may have' },
    leave: { default: 36, about: 'descriptors left free; with 0 the member runs out of them' },
  },
  on: 'member',
  truth: {
    causes: ['fd-exhaustion'],
    verdict: ['investigate'],
    also: { 'hot-single-client': 'all of the leaked connections come from one address' },
  },
  apply: (_cluster, members, values) => onEach(members, (member) => exhaust(member, values)),
});
