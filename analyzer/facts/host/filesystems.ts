import { defineFact, observed } from '../../fact.js';
import { big, readAll } from '../access.js';
import type { FilesystemValue } from '../values/index.js';

const share = (used: bigint, whole: bigint): number | null => (whole <= 0n ? null : Number(used) / Number(whole));

export default defineFact({
  scope: 'host',
  id: 'filesystems',
  title: 'Space, inodes, type and options of the file systems under data and WAL',
  artifacts: ['filesystems'],
  derive: (ctx) => {
    const read = readAll(ctx.case, 'filesystems', ctx.id);
    if (!read.ok) return read;
    const latest = read.value.at(-1) ?? read.value[0];
    const all = latest.value.filesystems;
    const filesystems = all.map((fs): FilesystemValue => {
      const total = big(fs.totalBytes) ?? 0n;
      const free = big(fs.freeBytes) ?? 0n;
      const available = big(fs.availableBytes) ?? 0n;
      const used = total > free ? total - free : 0n;
      const inodes = big(fs.inodesTotal) ?? 0n;
      const inodesFree = big(fs.inodesFree) ?? 0n;
      return {
        member: fs.memberId,
        role: fs.role,
        path: fs.path,
        mountPoint: fs.mountPoint,
        fsType: fs.fsType,
        source: fs.source,
        device: fs.device,
        options: fs.options,
        readOnly: fs.options.includes('ro'),
        totalBytes: fs.totalBytes,
        availableBytes: fs.availableBytes,
        usedShare: share(used, used + available),
        inodesTotal: fs.inodesTotal,
        inodesFree: fs.inodesFree,
        // btrfs and others without a fixed number of inodes report 0.
        inodesUsedShare: share(inodes > inodesFree ? inodes - inodesFree : 0n, inodes),
        onRoot: fs.mountPoint === '/',
        sharedWith: all
          .filter((other) => other !== fs && other.device === fs.device)
          .map((other) => `${other.memberId} ${other.role}`),
      };
    });
    return observed({ filesystems }, [{ artifact: 'filesystems', path: latest.path, bundle: latest.bundleId }]);
  },
});
