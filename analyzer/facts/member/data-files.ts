import { defineFact, observed } from '../../fact.js';
import { big, readAll, sourceOf } from '../access.js';

interface Sized {
  readonly path: string;
  readonly size: string;
  readonly mtime: string;
}

const sum = (files: readonly Sized[]): string =>
  files.reduce((total, file) => total + (big(file.size) ?? 0n), 0n).toString();

export default defineFact({
  scope: 'member',
  id: 'dataFiles',
  title: 'WAL segments, snapshots and leftovers in the data dir',
  artifacts: ['datadir-listing'],
  derive: (ctx) => {
    const read = readAll(ctx.case, 'datadir-listing', ctx.id);
    if (!read.ok) return read;
    const latest = read.value.at(-1) ?? read.value[0];
    const files = latest.value.entries.filter((entry) => entry.type === 'file');
    const ending = (pattern: RegExp): Sized[] => files.filter((file) => pattern.test(file.path));
    const wal = ending(/\.wal$/);
    const snapDb = ending(/\.snap\.db$/);
    const tmp = ending(/(?:^|\/)db\.tmp[^/]*$/);
    const leftovers = [...ending(/\.broken$/), ...tmp];
    const times = tmp.map((file) => Date.parse(file.mtime)).filter((time) => !Number.isNaN(time));
    return observed(
      {
        walFiles: wal.length,
        walBytes: sum(wal),
        snapDbFiles: snapDb.length,
        snapDbBytes: sum(snapDb),
        leftoverFiles: leftovers.length,
        leftoverBytes: sum(leftovers),
        defragTmpAt: times.length === 0 ? null : Math.max(...times),
        dbBytes: ending(/(?:^|\/)snap\/db$/)[0]?.size ?? null,
        totalBytes: sum(files),
        truncated: latest.value.truncated,
      },
      [sourceOf(latest)],
    );
  },
});
