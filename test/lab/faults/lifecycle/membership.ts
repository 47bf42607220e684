import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { FaultUnsupported } from '../types.js';

/** The first spare of a cluster; throws `FaultUnsupported` when it was started without one. */
export const spareOf = (cluster: Cluster, fault: string, nth = 0): Member => {
  const spare = cluster.spares[nth];
  if (spare === undefined) throw new FaultUnsupported(fault, `start the cluster with spares: ${nth + 1}`);
  return spare;
};

/** Running founders that are none of `except`: whom to ask for a change of the membership. */
export const othersOf = (cluster: Cluster, except: readonly Member[]): readonly Member[] =>
  cluster.members.filter((member) => member.running && !except.includes(member));

/** Register a spare, as a voter or a learner, under its own peer URL or `peerUrl`; its id is known afterwards. */
export async function addMember(
  cluster: Cluster,
  member: Member,
  options: { learner?: boolean; peerUrl?: string; via?: readonly Member[] } = {},
): Promise<void> {
  const via = options.via ?? othersOf(cluster, [member]);
  const peerUrl = options.peerUrl ?? member.peerUrl;
  const command = ['member', 'add', member.name, `--peer-urls=${peerUrl}`];
  if (options.learner === true) command.push('--learner');
  let stdout = '';
  // For some seconds after a member has connected etcd refuses the next change.
  await until(15_000, `${member.name} may be added`, async () => {
    ({ stdout } = await cluster.etcdctl(command, { via }));
    return true;
  });
  const id = /Member\s+([0-9a-f]+) added/.exec(stdout)?.[1];
  if (id === undefined) throw new Error(`etcdctl member add said: ${stdout.slice(0, 200)}`);
  member.id = id.padStart(16, '0');
}

/** Strike a member from the list. */
export async function removeMember(
  cluster: Cluster,
  member: Member,
  via: readonly Member[] = othersOf(cluster, [member]),
): Promise<void> {
  // Cut off or stopped just now it may have taken the leadership with it.
  await cluster.waitHealthy(
    30_000,
    via.map(({ index }) => index),
  );
  await until(15_000, `${member.name} may be removed`, async () => {
    await cluster.etcdctl(['member', 'remove', member.id.replace(/^0+/, '')], { via });
    return true;
  });
}

/** Strike a member from the list if it (still) is in it: for undoing. */
export async function removeIfListed(cluster: Cluster, member: Member): Promise<void> {
  const via = othersOf(cluster, [member]);
  const { stdout } = await cluster.etcdctl(['member', 'list'], { via });
  if (stdout.includes(member.id.replace(/^0+/, ''))) await removeMember(cluster, member, via);
}

/** `--initial-cluster` of a member that joins: everybody in `members`. */
export const initialCluster = (members: readonly Pick<Member, 'name' | 'peerUrl'>[]): string =>
  `--initial-cluster=${members.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join(',')}`;

/** Who is in the list now, the member itself under its own name even while it has not started. */
async function listed(cluster: Cluster, member: Member): Promise<{ name: string; peerUrl: string }[]> {
  const { stdout } = await cluster.etcdctl(['member', 'list'], { via: othersOf(cluster, [member]) });
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [id = '', , name = '', peerUrl = ''] = line.split(', ');
      return { name: id.padStart(16, '0') === member.id ? member.name : name, peerUrl };
    });
}

/** Add a spare, start it and wait until it has joined. */
export async function join(cluster: Cluster, spare: Member, options: { learner?: boolean } = {}): Promise<void> {
  await addMember(cluster, spare, options);
  await spare.start({ flags: [...spare.flags, initialCluster(await listed(cluster, spare))] });
  await until(30_000, `${spare.name} has joined`, async () => {
    const client = await spare.client();
    try {
      const { leader } = await client.call('Status', {}, 1_000);
      return leader !== '0';
    } finally {
      client.close();
    }
  });
}

/** Wait until `reached` says so; an error it throws is a no. Throws after `timeoutMs` with what was waited for. */
export async function until(timeoutMs: number, what: string, reached: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let last = '';
  for (;;) {
    try {
      if (await reached()) return;
    } catch (error) {
      last = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (Date.now() > deadline) throw new Error(`not after ${timeoutMs} ms: ${what}${last}`);
    await sleep(200);
  }
}
