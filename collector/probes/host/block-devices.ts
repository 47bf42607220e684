import { basename, dirname } from 'node:path';
import { attempt, needsLinux } from '../../local-files.js';
import { type PlacedDir, placedDirs } from '../../mounts.js';
import type { FilesPort } from '../../ports/files.js';
import { defineProbe } from '../../probe.js';
import type { BlockDevicesArtifact } from '../../../schemas/index.js';

type Device = BlockDevicesArtifact['devices'][number];

/** Directory of a device in /sys, or `undefined` for file systems without one (tmpfs, NFS, overlay). */
const deviceDir = async (files: FilesPort, { mount }: PlacedDir): Promise<string | undefined> => {
  const byNumber = await attempt(files.realPath(`/sys/dev/block/${mount.device}`));
  if (byNumber !== undefined || !mount.source.startsWith('/dev/')) return byNumber;
  // btrfs and others have an anonymous device number; the mount source then names the device.
  const source = (await attempt(files.realPath(mount.source))) ?? mount.source;
  return attempt(files.realPath(`/sys/class/block/${basename(source)}`));
};

const activeScheduler = (text: string): string => /\[([^\]]+)\]/.exec(text)?.[1] ?? text;

const describe = async (
  files: FilesPort,
  dir: string,
  member: string,
): Promise<{ device: Device; lower: readonly string[] }> => {
  const name = basename(dir);
  const [partition, number, sectors] = files.readPseudo(['partition', 'dev', 'size'].map((file) => `${dir}/${file}`));
  // Partitions share queue and model with their disk.
  const disk = partition === undefined ? dir : dirname(dir);
  const [rotational, scheduler, writeCache, nrRequests, model] = files
    .readPseudo(
      ['queue/rotational', 'queue/scheduler', 'queue/write_cache', 'queue/nr_requests', 'device/model'].map(
        (file) => `${disk}/${file}`,
      ),
    )
    .map((text) => text?.trim());
  const slaves = (await attempt(files.list(`${dir}/slaves`))) ?? [];
  const lowerDirs = await Promise.all(slaves.map((slave) => attempt(files.realPath(`/sys/class/block/${slave}`))));
  return {
    device: {
      name,
      device: number?.trim() ?? '',
      ...(partition === undefined ? {} : { parent: basename(disk) }),
      ...(slaves.length === 0 ? {} : { slaves: [...slaves] }),
      ...(rotational === undefined ? {} : { rotational: rotational === '1' }),
      ...(scheduler ? { scheduler: activeScheduler(scheduler) } : {}),
      ...(writeCache ? { writeCache } : {}),
      ...(model ? { model } : {}),
      // /sys/.../size counts 512-byte sectors whatever the device's own are.
      ...(sectors === undefined ? {} : { sizeBytes: (BigInt(sectors.trim()) * 512n).toString() }),
      ...(nrRequests ? { nrRequests: Number(nrRequests) } : {}),
      members: [member],
    },
    lower: [...(partition === undefined ? [] : [disk]), ...lowerDirs.flatMap((path) => path ?? [])],
  };
};

export default defineProbe({
  kind: 'block-devices',
  scope: 'host',
  title: 'Block devices under data and WAL dirs',
  reads:
    'queue settings, model and size of the devices under the data and WAL dirs, with disks below partitions, dm and md',
  permission: 'none',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  appliesTo: ({ members }) => {
    const base = needsLinux();
    if (base !== true) return base;
    return members.some(({ local }) => local?.dataDir !== undefined)
      ? true
      : { reason: 'not-local', message: 'no data dir of a local member is known' };
  },
  source: () => '/sys/dev/block',
  run: async ({ target, files, signal }) => {
    const { dirs } = await placedDirs(files, target.members, signal);
    const devices = new Map<string, Device>();
    const without = new Set<string>();
    for (const placed of dirs) {
      const own = await deviceDir(files, placed);
      if (own === undefined) without.add(`${placed.mount.fsType} on ${placed.mount.mountPoint}`);
      // Breadth first: the file system's own device comes before what is below it.
      const queue = own === undefined ? [] : [own];
      const seen = new Set<string>();
      for (let dir = queue.shift(); dir !== undefined && seen.size < 64; dir = queue.shift()) {
        if (seen.has(dir)) continue;
        seen.add(dir);
        const { device, lower } = await describe(files, dir, placed.memberId);
        const known = devices.get(device.name);
        if (known === undefined) devices.set(device.name, device);
        else if (!known.members.includes(placed.memberId)) known.members.push(placed.memberId);
        queue.push(...lower);
      }
    }
    const missing = [...without].join(', ');
    return {
      state: devices.size === 0 ? 'empty' : without.size === 0 ? 'ok' : 'partial',
      ...(without.size === 0 ? {} : { reason: 'file-missing' as const, message: `no block device behind ${missing}` }),
      source: '/sys/dev/block',
      parts: [{ content: { devices: [...devices.values()] } }],
    };
  },
});
