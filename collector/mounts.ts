import { attempt, absolute, fileView, throughView } from './local-files.js';
import type { FilesPort } from './ports/files.js';
import type { MemberTarget } from './probe.js';

/** One line of /proc/<pid>/mountinfo (proc_pid_mountinfo(5)). */
export interface Mount {
  /** major:minor */
  readonly device: string;
  /** Directory of the file system that is mounted. */
  readonly root: string;
  readonly mountPoint: string;
  readonly options: readonly string[];
  readonly fsType: string;
  readonly source: string;
  readonly superOptions: readonly string[];
}

/** Blanks and the like are written as three octal digits. */
const unescaped = (field: string): string =>
  field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** Parses mountinfo; lines of another shape are left out. */
export const parseMountInfo = (text: string): readonly Mount[] =>
  text.split('\n').flatMap((line): Mount[] => {
    const [before, after] = line.split(' - ');
    const [, , device, root, mountPoint, options] = before?.split(' ') ?? [];
    const [fsType, source, superOptions] = after?.split(' ') ?? [];
    if (device === undefined || root === undefined || mountPoint === undefined || options === undefined) return [];
    if (fsType === undefined || source === undefined) return [];
    return [
      {
        device,
        root: unescaped(root),
        mountPoint: unescaped(mountPoint),
        options: options.split(','),
        fsType,
        source: unescaped(source),
        superOptions: superOptions?.split(',') ?? [],
      },
    ];
  });

/** The mount a path lies on: the longest mount point above it; of several at one place the last one hides the others. */
export const mountOf = (mounts: readonly Mount[], path: string): Mount | undefined => {
  let best: Mount | undefined;
  for (const mount of mounts) {
    const above = mount.mountPoint === '/' || path === mount.mountPoint || path.startsWith(`${mount.mountPoint}/`);
    if (above && (best === undefined || mount.mountPoint.length >= best.mountPoint.length)) best = mount;
  }
  return best;
};

/** A data or WAL dir of a local member and the mount it is on. */
export interface PlacedDir {
  readonly memberId: string;
  readonly role: 'data' | 'wal';
  /** As the process sees it. */
  readonly path: string;
  /** As it is reached from here. */
  readonly place: string;
  readonly mount: Mount;
}

/** Data and WAL dirs of all members that have a local data dir. A dir whose mount cannot be told is named in `problems`. */
export const placedDirs = async (
  files: FilesPort,
  members: readonly MemberTarget[],
  signal?: AbortSignal,
): Promise<{ readonly dirs: readonly PlacedDir[]; readonly problems: readonly string[] }> => {
  const dirs: PlacedDir[] = [];
  const problems: string[] = [];
  for (const member of members) {
    const { local } = member;
    if (local?.dataDir === undefined) continue;
    const view = await fileView(files, local.pid);
    const [text] = files.readPseudo([`/proc/${local.pid === 0 ? 'self' : local.pid}/mountinfo`]);
    const mounts = parseMountInfo(text ?? '');
    const wanted = [
      { role: 'data', path: local.dataDir },
      // <data-dir>/member/wal unless --wal-dir says otherwise (etcd configuration reference).
      { role: 'wal', path: local.walDir ?? `${local.dataDir}/member/wal` },
    ] as const;
    for (const { role, path } of wanted) {
      const place = throughView(view, path);
      // Resolving through /proc/<pid>/root would leave the process's file system, so links are resolved in our own only.
      const resolved = view.prefix === '' ? await attempt(files.realPath(place, signal)) : undefined;
      const mount = mountOf(mounts, resolved ?? absolute(view, path));
      if (mount === undefined) problems.push(`no mount found for ${path}`);
      else dirs.push({ memberId: member.id, role, path: absolute(view, path), place, mount });
    }
  }
  return { dirs, problems };
};
