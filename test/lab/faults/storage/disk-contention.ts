import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { childOf } from '../../cluster/hosts.js';
import { startProgram } from '../../cluster/member-process.js';
import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { type Fault, fault } from '../types.js';
import { hostOf } from './support/io-limit.js';
import { slowStorageConsequences } from './support/truths.js';
import { openVolume } from './support/volume.js';

const WRITER = fileURLToPath(new URL('./support/disk-writer.js', import.meta.url));

interface Neighbour {
  readonly mbPerSecond: number;
  readonly writers: number;
  readonly blockKb: number;
}

async function contend(cluster: Cluster, member: Member, options: Neighbour): Promise<Fault> {
  const host = hostOf(member);
  const volume = await openVolume(cluster, member, 'disk-contention');
  volume.limit({ bytesPerSecond: options.mbPerSecond * 1024 * 1024 });
  const args = [host.disk, String(Math.max(1, Math.round(options.writers))), String(options.blockKb)];
  const program = startProgram(
    cluster.lab,
    host.inside(['setpriv', '--pdeathsig', 'KILL', '--', process.execPath, WRITER, ...args]),
    {
      logFile: join(cluster.lab.dir, `${member.name}-writer.log`),
      env: { ...process.env, UV_THREADPOOL_SIZE: String(Math.max(4, Math.round(options.writers))) },
    },
  );
  const writer = await childOf(program.pid);
  volume.enter(writer);
  return fault(async () => {
    if (program.running()) process.kill(writer, 'SIGKILL');
    await program.exited;
    await volume.remove();
  });
}

/** The backup, image pull or log shipper on etcd's disk. The disk has room for etcd alone, many times over. */
export default defineFault({
  name: 'disk-contention',
  title: 'another process on the host writes and syncs to the disk that etcd syncs to',
  params: {
    writers: { default: 8, about: 'files it writes at the same time', strength: true },
    blockKb: { default: 512, about: 'KiB that it writes and syncs at once' },
    mbPerSecond: { default: 40, about: 'MiB per second that the disk takes of both together' },
  },
  on: 'member',
  cluster: { hosts: true, disks: 'device' },
  truth: {
    causes: ['disk-contention-other-io'],
    verdict: ['investigate'],
    also: slowStorageConsequences,
    fromOneNode: {
      causes: ['disk-slow-device'],
      verdict: ['investigate', 'inconclusive'],
      missing:
        'device and process counters of the node where the other writer runs: from outside the disk is just slow',
    },
  },
  apply: (cluster, members, params) => onEach(members, (member) => contend(cluster, member, params)),
});
