import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, runOk } from '../../support/run.js';
import { isRoot, systemTool } from '../../support/tools.js';
import type { ClusterOptions } from './cluster-types.js';
import type { Lab } from './lab.js';
import { startProgram } from './member-process.js';
import type { NetnsLab } from './netns.js';

/**
 * A machine of its own as far as namespaces go: network, processes, mounts, host name, machine id, and a disk (ext4 on a loop device).
 * CPU, memory and pressure counters are those of the real machine.
 */
export type Host = {
  readonly name: string;
  /** Process 1 of the host, as seen from outside; its namespaces are the host's. */
  readonly init: number;
  /** Mount point of its disk, the same path inside and outside. */
  readonly disk: string;
  /** `loop7`: the block device behind the disk. */
  readonly device: string;
  /** Its /etc/hosts, where `m1.etcd.test` and so on are the addresses of the members; rewritten in place it takes effect at once. */
  readonly namesFile: string;
  /** Command and arguments that run a program on this host. */
  readonly inside: (command: readonly string[]) => string[];
};

/** Why this machine cannot have hosts, or undefined. */
export async function hostsObstacle(): Promise<string | undefined> {
  if (!isRoot()) return 'hosts need root';
  for (const [tool, pack] of [
    ['unshare', 'util-linux'],
    ['nsenter', 'util-linux'],
    ['mkfs.ext4', 'e2fsprogs'],
    ['mount', 'mount'],
  ] as const) {
    if ((await systemTool(tool, pack)) === undefined) return `${tool} is not installed`;
  }
  return undefined;
}

/** One host per member, in the member's network namespace, with a disk of `diskMb` MiB (default 8192, sparse). */
export async function createHosts(
  lab: Lab,
  netns: NetnsLab,
  diskMb: readonly (number | undefined)[],
  { disks = 'memory', ownLoops = false }: Pick<ClusterOptions, 'disks' | 'ownLoops'> = {},
): Promise<Host[]> {
  const obstacle = await hostsObstacle();
  if (obstacle !== undefined) throw new Error(obstacle);
  const names = netns.members.map(({ address }, index) => `${address} m${index + 1}.etcd.test\n`).join('');
  return Promise.all(
    netns.members.map((own, index) =>
      createHost(lab, own.namespace, index, diskMb[index] ?? 8192, names, { disks, ownLoops }),
    ),
  );
}

async function createHost(
  lab: Lab,
  namespace: string,
  index: number,
  mb: number,
  names: string,
  { disks, ownLoops }: { readonly disks: 'memory' | 'device'; readonly ownLoops: boolean },
): Promise<Host> {
  const name = `${namespace}-host`;
  const dir = join(lab.dir, `m${index + 1}`);
  const disk = join(dir, 'disk');
  mkdirSync(disk, { recursive: true });
  const device = await makeDisk(lab, imageOf(lab, `m${index + 1}`, disks), disk, mb, ownLoops);
  const machineId = join(dir, 'machine-id');
  writeFileSync(machineId, `${randomBytes(16).toString('hex')}\n`);
  const namesFile = join(dir, 'hosts');
  writeFileSync(namesFile, `127.0.0.1 localhost\n${names}`);
  const pidFile = join(dir, 'init.pid');
  const script = [
    `hostname ${name}`,
    `[ -e /etc/machine-id ] && mount --bind ${machineId} /etc/machine-id`,
    `[ -e /etc/hosts ] && mount --bind ${namesFile} /etc/hosts`,
    // The marker in the command line is how the lab knows the process as its own.
    `exec sleep infinity`,
  ].join('; ');
  const holder = startProgram(
    lab,
    [
      'nsenter',
      `--net=/run/netns/${namespace}`,
      '--',
      'unshare',
      ...['--pid', '--fork', '--kill-child', '--mount', '--uts', '--mount-proc'],
      ...['sh', '-c', script, dir],
    ],
    { logFile: join(dir, 'host.log') },
  );
  const init = await childOf(holder.pid, 'sleep');
  writeFileSync(pidFile, String(init));
  const inside = (command: readonly string[]): string[] => [
    'nsenter',
    `--target=${init}`,
    ...['--net', '--pid', '--mount', '--uts', '--'],
    ...command,
  ];
  return { name, init, disk, device, namesFile, inside };
}

/** Enough for what the loads write; images are sparse. */
const MEMORY_BYTES = 8 * 1024 ** 3;

/** In memory where there is plenty: syncs of several labs then do not wait for one real disk, and a slow disk is one that was made slow. */
const imageOf = (lab: Lab, name: string, disks: 'memory' | 'device'): string => {
  const onDevice = join(lab.dir, name, 'disk.img');
  if (disks === 'device') return onDevice;
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize > MEMORY_BYTES) {
      const image = `/dev/shm/${basename(lab.dir)}-${name}.img`;
      lab.onEnd(`rm -f '${image}'`);
      return image;
    }
  } catch {
    // no such file system here
  }
  return onDevice;
};

/** An empty ext4 file system on a loop device, mounted at `path`; returns the device's name. */
export async function makeDisk(lab: Lab, image: string, path: string, mb: number, ownLoop = false): Promise<string> {
  writeFileSync(image, '');
  truncateSync(image, mb * 1024 * 1024);
  await runOk((await systemTool('mkfs.ext4', 'e2fsprogs')) ?? 'mkfs.ext4', ['-q', '-F', '-m', '0', image]);
  if (ownLoop) {
    const loop = `/dev/loop${randomInt(1_000, 1_000_000)}`;
    await runOk('mknod', [loop, 'b', '7', loop.slice('/dev/loop'.length)]);
    lab.onEnd(`losetup -d '${loop}'; rm -f '${loop}'`);
    await runOk('losetup', [loop, image]);
    await runOk('mount', [loop, path]);
  } else await runOk('mount', ['-o', 'loop', image, path]);
  lab.onEnd(`umount -l '${path}'`);
  const { stdout } = await run('findmnt', ['-no', 'SOURCE', path]);
  return stdout.trim().replace('/dev/', '');
}

/** The first child of a process once it runs `name` (any name when empty); throws after 5 s. */
export async function childOf(parent: number, name = ''): Promise<number> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    try {
      const [child] = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ');
      if (child !== undefined && child !== '') {
        const command = readFileSync(`/proc/${child}/comm`, 'utf8').trim();
        if (name === '' || command === name) return Number(child);
      }
    } catch {
      // it is starting, or has gone: the deadline decides
    }
    if (Date.now() > deadline) throw new Error(`process ${parent} started no ${name === '' ? 'child' : name}`);
    await sleep(5);
  }
}
