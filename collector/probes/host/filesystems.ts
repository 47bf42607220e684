import { needsLinux } from '../../local-files.js';
import { type Mount, type PlacedDir, placedDirs } from '../../mounts.js';
import type { FilesPort } from '../../ports/files.js';
import { defineProbe, ProbeError } from '../../probe.js';
import type { FilesystemsArtifact } from '../../../schemas/index.js';

type Filesystem = FilesystemsArtifact['filesystems'][number];

const optionsOf = ({ options, superOptions }: Mount): string[] => [...new Set([...options, ...superOptions])];

/** Space of the nearest directory that can be reached: a data dir may be missing or closed to this user, its mount point rarely. */
const spaceOf = async (files: FilesPort, dir: PlacedDir, signal: AbortSignal): Promise<Filesystem> => {
  const prefix = dir.place.slice(0, dir.place.length - dir.path.length);
  let space: Awaited<ReturnType<FilesPort['statfs']>>;
  try {
    space = await files.statfs(dir.place, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    space = await files.statfs(`${prefix}${dir.mount.mountPoint}`, signal);
  }
  return {
    memberId: dir.memberId,
    role: dir.role,
    path: dir.path,
    mountPoint: dir.mount.mountPoint,
    fsType: dir.mount.fsType,
    source: dir.mount.source,
    options: optionsOf(dir.mount),
    device: dir.mount.device,
    totalBytes: space.totalBytes.toString(),
    availableBytes: space.availableBytes.toString(),
    freeBytes: space.freeBytes.toString(),
    inodesTotal: space.inodesTotal.toString(),
    inodesFree: space.inodesFree.toString(),
  };
};

export default defineProbe({
  kind: 'filesystems',
  scope: 'host',
  title: 'Space, inodes and mount options under data and WAL dirs',
  reads: 'mountinfo and statfs of the data and WAL dirs of the local members',
  permission: 'none on the host; root for members in containers',
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
  source: ({ members }) => `statfs of ${members.flatMap(({ local }) => local?.dataDir ?? []).join(', ')}`,
  run: async ({ target, files, signal }) => {
    const { dirs, problems } = await placedDirs(files, target.members, signal);
    const found = await Promise.allSettled(dirs.map((dir) => spaceOf(files, dir, signal)));
    const filesystems = found.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const refused = found.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []));
    if (filesystems.length === 0) throw refused[0] ?? new ProbeError('failed', 'file-missing', problems.join('; '));
    const wrong = [...problems, ...refused.map((error) => (error instanceof Error ? error.message : String(error)))];
    return {
      state: wrong.length === 0 ? 'ok' : 'partial',
      ...(wrong.length === 0 ? {} : { reason: 'file-access' as const, message: wrong.join('; ') }),
      source: `mountinfo and statfs of ${dirs.map(({ place }) => place).join(', ')}`,
      parts: [{ content: { filesystems } }],
    };
  },
});
