import { basename, dirname } from 'node:path';
import { attempt, needsLinux } from '../../local-files.js';
import { mountOf, parseMountInfo, type PlacedDir, placedDirs } from '../../mounts.js';
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

const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text.trim()) : undefined;

/** What is known keeps its key, the rest goes. */
const present = <T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

/** Settings of the request queue and the driver (Documentation/ABI/stable/sysfs-block). */
const queueOf = async (files: FilesPort, disk: string): Promise<Partial<Device>> => {
  const [maxSectors, wbt, fua, logical, physical, discard, depth, removable, state] = files.readPseudo(
    [
      'queue/max_sectors_kb',
      'queue/wbt_lat_usec',
      'queue/fua',
      'queue/logical_block_size',
      'queue/physical_block_size',
      'queue/discard_max_bytes',
      'device/queue_depth',
      'removable',
      'device/state',
    ].map((file) => `${disk}/${file}`),
  );
  const driver = await attempt(files.realPath(`${disk}/device/driver`));
  // An NVMe namespace hangs below its controller, and that below the PCI function with the driver.
  const controller = driver ?? (await attempt(files.realPath(`${disk}/device/device/driver`)));
  return present({
    driver: controller === undefined ? undefined : basename(controller),
    queueDepth: wholeNumber(depth),
    maxSectorsKb: wholeNumber(maxSectors),
    wbtLatUsec: wholeNumber(wbt),
    fua: fua === undefined ? undefined : fua.trim() === '1',
    logicalBlockBytes: wholeNumber(logical),
    physicalBlockBytes: wholeNumber(physical),
    discard: discard === undefined ? undefined : discard.trim() !== '0',
    removable: removable === undefined ? undefined : removable.trim() === '1',
    state: state === undefined || state.trim() === '' ? undefined : state.trim(),
  });
};

/** Device mapper and md say in files of their own what they are. */
const stackOf = (files: FilesPort, dir: string): Partial<Device> => {
  const [name, uuid, suspended, level, arrayState, degraded, syncAction] = files
    .readPseudo(
      ['dm/name', 'dm/uuid', 'dm/suspended', 'md/level', 'md/array_state', 'md/degraded', 'md/sync_action'].map(
        (file) => `${dir}/${file}`,
      ),
    )
    .map((text) => text?.trim());
  // `LVM-<uuids>`, `CRYPT-LUKS2-<uuid>-<name>`, `mpath-<wwid>`: the words before the first long identifier.
  const type = /^((?:CRYPT-[A-Z0-9]+)|[A-Za-z0-9]+)-/.exec(uuid ?? '')?.[1];
  return {
    ...(name === undefined
      ? {}
      : { mapper: { name, ...present({ type, suspended: suspended === undefined ? undefined : suspended === '1' }) } }),
    ...(level === undefined
      ? {}
      : { raid: present({ level, arrayState, degraded: wholeNumber(degraded), syncAction }) }),
  };
};

/** The file behind a loop device, and the directory in /sys of the device that holds it. */
const backingOf = async (
  files: FilesPort,
  dir: string,
): Promise<{ readonly file: string; readonly lower?: string } | undefined> => {
  const [text, mounts] = files.readPseudo([`${dir}/loop/backing_file`, '/proc/self/mountinfo']);
  const file = text?.trim();
  if (file === undefined || file === '') return undefined;
  const mount = mountOf(parseMountInfo(mounts ?? ''), file);
  const lower = mount === undefined ? undefined : await attempt(files.realPath(`/sys/dev/block/${mount.device}`));
  return { file, ...(lower === undefined ? {} : { lower }) };
};

const describe = async (
  files: FilesPort,
  dir: string,
  member: string,
): Promise<{ device: Device; lower: readonly string[] }> => {
  const name = basename(dir);
  const [partition, number, sectors] = files.readPseudo(['partition', 'dev', 'size'].map((file) => `${dir}/${file}`));
  // Partitions share queue and model with their disk.
  const disk = partition === undefined ? dir : dirname(dir);
  const [rotational, scheduler, writeCache, nrRequests, model, vendor] = files
    .readPseudo(
      [
        'queue/rotational',
        'queue/scheduler',
        'queue/write_cache',
        'queue/nr_requests',
        'device/model',
        'device/vendor',
      ].map((file) => `${disk}/${file}`),
    )
    .map((text) => text?.trim());
  const slaves = (await attempt(files.list(`${dir}/slaves`))) ?? [];
  const lowerDirs = await Promise.all(slaves.map((slave) => attempt(files.realPath(`/sys/class/block/${slave}`))));
  const backing = await backingOf(files, dir);
  const below = [...slaves, ...(backing?.lower === undefined ? [] : [basename(backing.lower)])];
  return {
    device: {
      name,
      device: number?.trim() ?? '',
      ...(partition === undefined ? {} : { parent: basename(disk) }),
      ...(below.length === 0 ? {} : { slaves: below }),
      ...(rotational === undefined ? {} : { rotational: rotational === '1' }),
      ...(scheduler ? { scheduler: activeScheduler(scheduler) } : {}),
      ...(writeCache ? { writeCache } : {}),
      ...(model ? { model } : {}),
      // /sys/.../size counts 512-byte sectors whatever the device's own are.
      ...(sectors === undefined ? {} : { sizeBytes: (BigInt(sectors.trim()) * 512n).toString() }),
      ...(nrRequests ? { nrRequests: Number(nrRequests) } : {}),
      // Of virtio devices it is a number of the bus, not a name.
      ...(vendor && !vendor.startsWith('0x') ? { vendor } : {}),
      ...(await queueOf(files, disk)),
      ...stackOf(files, dir),
      ...(backing === undefined ? {} : { backingFile: backing.file }),
      members: [member],
    },
    lower: [
      ...(partition === undefined ? [] : [disk]),
      ...lowerDirs.flatMap((path) => path ?? []),
      ...(backing?.lower === undefined ? [] : [backing.lower]),
    ],
  };
};

export default defineProbe({
  kind: 'block-devices',
  scope: 'host',
  title: 'Block devices under data and WAL dirs',
  reads:
    'queue settings, driver, model and size of the devices under the data and WAL dirs, down through partitions, device mapper, md and loop',
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
