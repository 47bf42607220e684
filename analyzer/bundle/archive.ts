import { Parser, type ReadEntry } from 'tar';
import { UnsafeArchive } from './errors.js';
import { BrokenStream } from './inflate.js';
import type { FileSink, Intake } from './intake.js';
import { cleanSegments } from './paths.js';

const typeName = (entry: ReadEntry): string => {
  switch (entry.type) {
    case 'SymbolicLink':
      return 'symbolic link';
    case 'Link':
      return 'hard link';
    case 'CharacterDevice':
    case 'BlockDevice':
      return 'device';
    case 'FIFO':
      return 'named pipe';
    default:
      return 'entry of an unsupported type';
  }
};

const isFile = (entry: ReadEntry): boolean => entry.type === 'File' || entry.type === 'OldFile';

const refuseType = (entry: ReadEntry, { odd }: Taker): void => {
  if (odd !== undefined) {
    odd(entry.path, `${typeName(entry)}; only regular files are read`);
    return;
  }
  const link = entry.type === 'SymbolicLink' || entry.type === 'Link';
  throw new UnsafeArchive(
    link ? 'link' : 'special-file',
    `${typeName(entry)}; only regular files and directories are accepted`,
    entry.path,
  );
};

/** Segments of the path; undefined when it is not clean and the taker passes over such files. */
const segmentsOf = (entry: ReadEntry, { odd }: Taker): string[] | undefined => {
  try {
    return cleanSegments(entry.path);
  } catch (error) {
    if (odd === undefined || !(error instanceof UnsafeArchive)) throw error;
    odd(entry.path, error.message);
    return undefined;
  }
};

/** What reading an archive needs of an intake. */
export type Taker = Pick<Intake, 'countEntry' | 'directory' | 'file' | 'settled' | 'odd' | 'modified'>;

/**
 * Reads the entries of a tar stream into `intake`, in order and never by name onto a disk.
 * Returns what is wrong with the archive's structure, undefined when it is whole; everything before the damage was taken in.
 * Throws `UnsafeArchive` and what `intake` throws.
 */
export const readArchive = async (tar: AsyncIterable<Uint8Array>, intake: Taker): Promise<string | undefined> => {
  let failure: unknown;
  let damage: string | undefined;
  let open: FileSink | undefined;
  let closed = false;
  const guarded = (work: () => void): void => {
    if (failure !== undefined) return;
    try {
      work();
    } catch (error) {
      failure = error ?? new Error('failed');
    }
  };
  const take = (entry: ReadEntry): void => {
    intake.countEntry(entry.path);
    const segments = segmentsOf(entry, intake);
    if (segments === undefined) return;
    if (entry.type === 'Directory') {
      intake.directory(segments, entry.path);
      return;
    }
    if (!isFile(entry)) {
      refuseType(entry, intake);
      return;
    }
    intake.modified?.(entry.mtime?.getTime());
    const sink = intake.file(segments, entry.path, entry.size);
    open = sink;
    let missing = entry.size;
    entry.on('data', (chunk: Buffer) =>
      guarded(() => {
        missing -= chunk.length;
        sink.write(chunk);
      }),
    );
    entry.on('end', () =>
      guarded(() => {
        open = undefined;
        // The parser ends the last entry of a truncated archive as if it were whole.
        if (missing === 0) sink.end();
        else sink.breakOff();
      }),
    );
  };
  // Strict: without it a truncated tar ends as if it were whole.
  const parser = new Parser({ strict: true });
  parser.on('entry', (entry: ReadEntry) => {
    guarded(() => take(entry));
    entry.resume();
  });
  parser.on('ignoredEntry', (entry: ReadEntry) => guarded(() => refuseType(entry, intake)));
  parser.on('eof', () => {
    closed = true;
  });
  parser.on('error', (error: Error) => {
    damage ??= /truncated/i.test(error.message) ? 'the tar archive is truncated' : 'the tar structure is damaged';
  });
  try {
    for await (const block of tar) {
      // What follows the end mark is no entry, as for other tars; it is read on for the checksum of the gzip.
      if (closed) continue;
      parser.write(Buffer.from(block.buffer, block.byteOffset, block.byteLength));
      if (failure !== undefined || damage !== undefined) break;
      await intake.settled();
    }
    if (failure === undefined && damage === undefined) parser.end();
  } catch (error) {
    if (!(error instanceof BrokenStream)) failure ??= error;
    else damage ??= error.message;
  }
  if (failure !== undefined) throw failure;
  open?.breakOff();
  return damage;
};
