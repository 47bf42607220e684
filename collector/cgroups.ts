import { type Mount, parseMountInfo } from './mounts.js';
import type { FilesPort } from './ports/files.js';
import { parseColonLines } from './ports/process.js';
import type { CgroupArtifact } from '../schemas/index.js';

type Level = CgroupArtifact['levels'][number];

/** Where a process is in one hierarchy: v1 by controller, v2 as `unified`. */
export interface CgroupPlace {
  readonly controller: 'cpu' | 'memory' | 'blkio' | 'unified';
  /** As written in /proc/<pid>/cgroup, relative to our cgroup namespace. */
  readonly path: string;
}

/** Lines `id:controllers:path` of /proc/<pid>/cgroup (cgroups(7)). */
export const parseCgroupFile = (text: string): readonly CgroupPlace[] =>
  text.split('\n').flatMap((line): CgroupPlace[] => {
    const parts = /^(\d+):([^:]*):(.+)$/.exec(line);
    if (parts?.[2] === undefined || parts[3] === undefined) return [];
    const path = parts[3].replace(/ \(deleted\)$/, '');
    if (parts[1] === '0' && parts[2] === '') return [{ controller: 'unified', path }];
    const named = parts[2].split(',');
    return (['cpu', 'memory', 'blkio'] as const)
      .filter((name) => named.includes(name))
      .map((controller) => ({ controller, path }));
  });

/** Paths from the leaf to the root of the hierarchy as it is visible here. */
export const pathsUpwards = (path: string): readonly string[] => {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.map((_, index) => `/${parts.slice(0, parts.length - index).join('/')}`).concat('/');
};

/** Directory of a cgroup path under its mount, or `undefined` when the mount does not show it. */
export const cgroupDir = (mount: Mount, path: string): string | undefined => {
  if (path.split('/').includes('..')) return undefined;
  const base = mount.root === '/' ? '' : mount.root;
  if (base !== '' && path !== base && !path.startsWith(`${base}/`)) return undefined;
  return `${mount.mountPoint}${path.slice(base.length).replace(/\/$/, '')}`;
};

const mountFor = (mounts: readonly Mount[], controller: CgroupPlace['controller']): Mount | undefined =>
  mounts.find(({ fsType, superOptions }) =>
    controller === 'unified' ? fsType === 'cgroup2' : fsType === 'cgroup' && superOptions.includes(controller),
  );

const fileNames = {
  cpu: ['cpu.cfs_quota_us', 'cpu.cfs_period_us', 'cpu.shares', 'cpu.stat'],
  memory: ['memory.limit_in_bytes', 'memory.usage_in_bytes', 'memory.failcnt', 'memory.oom_control'],
  blkio: [
    'blkio.throttle.read_bps_device',
    'blkio.throttle.write_bps_device',
    'blkio.throttle.read_iops_device',
    'blkio.throttle.write_iops_device',
    'blkio.throttle.io_service_bytes',
    'blkio.throttle.io_serviced',
  ],
  unified: [
    ...['cpu.max', 'cpu.weight', 'cpu.stat', 'memory.max', 'memory.current', 'memory.events', 'io.max', 'io.stat'],
    ...['cpu.pressure', 'io.pressure', 'memory.pressure'],
  ],
} as const satisfies Record<CgroupPlace['controller'], readonly string[]>;

/**
 * Limits, throttling and pressure of every level from the leaf to the visible root, all files read in one go. `hidden` names the
 * hierarchies whose files are not visible from here (another cgroup namespace, or not mounted).
 */
export const readCgroups = (
  files: FilesPort,
  cgroupFile: string,
  mountInfo: string,
): { readonly artifact: CgroupArtifact; readonly hidden: readonly string[] } => {
  const places = parseCgroupFile(cgroupFile);
  const mounts = parseMountInfo(mountInfo).filter(({ fsType }) => fsType.startsWith('cgroup'));
  const hidden: string[] = [];
  const wanted = places.flatMap(({ controller, path }) => {
    const mount = mountFor(mounts, controller);
    // `/..` is outside of our cgroup namespace; what we see as root is then no ancestor of it.
    const visible = path.split('/').includes('..') ? [] : pathsUpwards(path);
    const dirs = visible.flatMap((level) => {
      const dir = mount === undefined ? undefined : cgroupDir(mount, level);
      return dir === undefined ? [] : [{ controller, level, dir }];
    });
    if (dirs.length === 0) hidden.push(controller);
    return dirs;
  });
  const names = wanted.flatMap(({ controller, dir }) => fileNames[controller].map((name) => `${dir}/${name}`));
  const texts = files.readPseudo(names);
  const byPath = new Map(names.map((name, index) => [name, texts[index]]));
  const levels = new Map<string, Level>();
  for (const { controller, level, dir } of wanted) {
    const read = (name: string): string | undefined => byPath.get(`${dir}/${name}`)?.trim();
    levels.set(level, { ...(levels.get(level) ?? { path: level }), ...sectionOf[controller](read) });
  }
  const deepestFirst = [...levels.values()].sort((a, b) => depth(b.path) - depth(a.path));
  // A hybrid system has both; its limits are those of v1.
  const version = places.some(({ controller }) => controller !== 'unified') ? 1 : 2;
  return { artifact: { version, levels: deepestFirst }, hidden };
};

const depth = (path: string): number => (path === '/' ? 0 : path.split('/').length);

type Read = (name: string) => string | undefined;

/** Drops absent fields; `undefined` when none is left. */
const present = <T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T | undefined => {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as T);
};

const section = <K extends string, T>(name: K, value: T | undefined): { [P in K]?: T } =>
  (value === undefined ? {} : { [name]: value }) as { [P in K]?: T };

/** `name value` lines of cpu.stat and memory.events. */
const flatKeyed = (text: string | undefined): Readonly<Record<string, string>> =>
  text === undefined ? {} : parseColonLines(text.replaceAll(' ', ':'));

const cpuV1 = (read: Read): Partial<Level> => {
  const stat = flatKeyed(read('cpu.stat'));
  const quota = read('cpu.cfs_quota_us');
  const throttledNs = stat['throttled_time'];
  return section(
    'cpu',
    present<NonNullable<Level['cpu']>>({
      quotaUs: quota === '-1' ? null : quota,
      periodUs: read('cpu.cfs_period_us'),
      weight: read('cpu.shares'),
      nrPeriods: stat['nr_periods'],
      nrThrottled: stat['nr_throttled'],
      throttledUs: throttledNs === undefined ? undefined : (BigInt(throttledNs) / 1000n).toString(),
    }),
  );
};

/** v1 writes "no limit" as the largest page-aligned int64. */
const NO_LIMIT = 2n ** 62n;

const memoryV1 = (read: Read): Partial<Level> => {
  const limit = read('memory.limit_in_bytes');
  const oom = flatKeyed(read('memory.oom_control'));
  const events = present<Record<string, string>>({ failcnt: read('memory.failcnt'), ...oom });
  return section(
    'memory',
    present<NonNullable<Level['memory']>>({
      limitBytes: limit !== undefined && BigInt(limit) > NO_LIMIT ? null : limit,
      usageBytes: read('memory.usage_in_bytes'),
      events,
    }),
  );
};

const blkioV1 = (read: Read): Partial<Level> => {
  const limits = fileNames.blkio.slice(0, 4).flatMap((name) => {
    const text = read(name);
    return text === undefined || text === '' ? [] : text.split('\n').map((line) => `${name} ${line}`);
  });
  const stats = fileNames.blkio.slice(4).flatMap((name) => {
    const text = read(name);
    return text === undefined || text === '' ? [] : text.split('\n').map((line) => `${name} ${line}`);
  });
  return section(
    'io',
    present<NonNullable<Level['io']>>({
      max: limits.length === 0 ? undefined : limits.join('\n'),
      stat: stats.length === 0 ? undefined : stats.join('\n'),
    }),
  );
};

const unified = (read: Read): Partial<Level> => {
  const [quota, period] = read('cpu.max')?.split(' ') ?? [];
  const stat = flatKeyed(read('cpu.stat'));
  const limit = read('memory.max');
  const events = read('memory.events');
  return {
    ...section(
      'cpu',
      present<NonNullable<Level['cpu']>>({
        quotaUs: quota === 'max' ? null : quota,
        periodUs: period,
        weight: read('cpu.weight'),
        nrPeriods: stat['nr_periods'],
        nrThrottled: stat['nr_throttled'],
        throttledUs: stat['throttled_usec'],
      }),
    ),
    ...section(
      'memory',
      present<NonNullable<Level['memory']>>({
        limitBytes: limit === 'max' ? null : limit,
        usageBytes: read('memory.current'),
        events: events === undefined ? undefined : { ...flatKeyed(events) },
      }),
    ),
    ...section(
      'io',
      present<NonNullable<Level['io']>>({ max: read('io.max') || undefined, stat: read('io.stat') || undefined }),
    ),
    ...section(
      'pressure',
      present<NonNullable<Level['pressure']>>({
        cpu: read('cpu.pressure') || undefined,
        io: read('io.pressure') || undefined,
        memory: read('memory.pressure') || undefined,
      }),
    ),
  };
};

const sectionOf: Record<CgroupPlace['controller'], (read: Read) => Partial<Level>> = {
  cpu: cpuV1,
  memory: memoryV1,
  blkio: blkioV1,
  unified,
};
