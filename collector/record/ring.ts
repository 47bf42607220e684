import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { isArtifactKind, type Manifest, pathOf } from '../../schemas/index.js';
import type { StoredFile } from '../bundle/store.js';
import { errnoOf, UsageError } from '../errors.js';
import type { ManifestItem } from '../store-item.js';

const inflate = promisify(inflateRaw);

const FORMAT = 'etcd-evidence/ring-round/v1';
/** What may be deleted. */
const OWN_FILE = /^(?:round-\d{10}\.ring|ring\.json)(?:\.partial)?$|^lock$/;
const ROUND_FILE = /^round-(\d{10})\.ring$/;
/** Largest head of a round file that is read back, bytes. */
const maxHead = 8 * 1024 * 1024;
/** Largest piece that is inflated, bytes; the reader of bundles takes no larger file. */
const maxPiece = 64 * 1024 * 1024;

/** The ring is never the reason that a file system runs full: this much of it stays free, bytes. */
const freeReserve = 256 * 1024 * 1024;

export interface RingLimits {
  /** On the disk, bytes. */
  readonly bytes: number;
  /** How far back from the latest round, ms. */
  readonly keepMs: number;
  /** What a bundle and its reader take: before compression, bytes, and files. */
  readonly rawBytes: number;
  readonly files: number;
}

/** One sampling round as it was taken: everything in it is numbered round 0. */
export interface RoundContent {
  /** Barrier, epoch ms. */
  readonly at: number;
  readonly items: readonly ManifestItem[];
  readonly synchronisation: Manifest['synchronisation'];
  readonly files: readonly StoredFile[];
}

interface Piece {
  readonly path: string;
  readonly bytes: number;
  readonly stored: number;
  readonly deflated: boolean;
  readonly sha256: string;
}

interface Head {
  readonly format: string;
  readonly seq: number;
  readonly at: number;
  readonly items: readonly ManifestItem[];
  readonly synchronisation: Manifest['synchronisation'];
  readonly pieces: readonly Piece[];
}

/** A round in the ring. */
interface Kept {
  readonly seq: number;
  readonly at: number;
  readonly size: number;
  readonly rawBytes: number;
  readonly files: number;
}

export interface Ring {
  readonly directory: string;
  /** Stores a round and gives up the oldest ones beyond the limits; false when there was no room even then. Throws on other errors than a full disk. */
  readonly append: (round: RoundContent) => Promise<boolean>;
  /** From now on no round is given up for its age. */
  readonly hold: () => void;
  readonly count: () => number;
  readonly bytes: () => number;
  /** Rounds given up for want of space, not for age. */
  readonly givenUp: () => number;
  /** All rounds, oldest first, renumbered from 0. Rounds that cannot be read any more are left out and named in `flaws`. */
  readonly rounds: () => Promise<RingContent>;
  /** Deletes the files of the ring, and its directory when nothing else is in it. */
  readonly remove: () => Promise<void>;
}

export interface RingContent {
  readonly items: readonly ManifestItem[];
  readonly synchronisation: Manifest['synchronisation'];
  readonly files: readonly StoredFile[];
  /** Barriers of the rounds, epoch ms. */
  readonly at: readonly number[];
  readonly flaws: readonly string[];
}

export interface RingIo {
  /** Free space for this user where the directory is, bytes. */
  readonly free: (directory: string) => Promise<number>;
  readonly write: (path: string, parts: readonly Uint8Array[]) => Promise<void>;
}

/** The real disk. No fsync: on the disk of a member in need it would be the load that it suffers from; a torn round is dropped later. */
export const diskIo: RingIo = {
  free: async (directory) => {
    const { bavail, bsize, blocks } = await statfs(directory);
    // Some file systems (overlays in tests, say) give no figures.
    return blocks === 0 ? Number.MAX_SAFE_INTEGER : bavail * bsize;
  },
  write: async (path, parts) => {
    await writeFile(path, Buffer.concat(parts), { flag: 'wx', mode: 0o600 });
  },
};

const fileOf = (directory: string, seq: number): string =>
  join(directory, `round-${String(seq).padStart(10, '0')}.ring`);

const isFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(errnoOf(error) ?? '');

const readExactly = async (handle: FileHandle, length: number, position: number): Promise<Buffer> => {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  if (bytesRead < length) throw new Error('cut off');
  return buffer;
};

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isItem = (value: unknown): value is ManifestItem => {
  const item = value as Partial<ManifestItem> | null;
  return (
    typeof item === 'object' &&
    item !== null &&
    typeof item.id === 'string' &&
    typeof item.state === 'string' &&
    typeof item.kind === 'string' &&
    isArtifactKind(item.kind) &&
    typeof item.target?.id === 'string' &&
    item.round === 0 &&
    Array.isArray(item.paths)
  );
};

/** Length of the head, and the head. Throws an Error in words when the file is not a whole round. */
const readHead = async (handle: FileHandle): Promise<{ readonly start: number; readonly head: Head }> => {
  const { size } = await handle.stat();
  const length = (await readExactly(handle, 4, 0)).readUInt32BE();
  if (length > maxHead || length + 4 > size) throw new Error('cut off');
  const head = JSON.parse((await readExactly(handle, length, 4)).toString('utf8')) as Head;
  if (head?.format !== FORMAT) throw new Error('of another format');
  const { pieces, items, synchronisation } = head;
  const sound =
    isSize(head.seq) &&
    Number.isFinite(head.at) &&
    Array.isArray(items) &&
    items.every(isItem) &&
    Array.isArray(synchronisation) &&
    Array.isArray(pieces) &&
    pieces.every(
      ({ bytes, stored, path }) => isSize(bytes) && bytes <= maxPiece && isSize(stored) && typeof path === 'string',
    );
  if (!sound) throw new Error('not in the expected form');
  const end = pieces.reduce((sum, { stored }) => sum + stored, 4 + length);
  if (end !== size) throw new Error('cut off');
  return { start: 4 + length, head };
};

const contentOf = async (handle: FileHandle, piece: Piece, position: number): Promise<Buffer> => {
  const stored = await readExactly(handle, piece.stored, position);
  return piece.deflated ? await inflate(stored, { maxOutputLength: Math.max(1, piece.bytes) }) : stored;
};

/** Compares every piece with its hash: only for rounds of another process, which may have been torn. */
const verifyRound = async (handle: FileHandle, start: number, head: Head): Promise<void> => {
  let position = start;
  for (const piece of head.pieces) {
    const content = await contentOf(handle, piece, position);
    position += piece.stored;
    if (createHash('sha256').update(content).digest('hex') !== piece.sha256) throw new Error('damaged');
  }
};

const withFile = async <T>(path: string, work: (handle: FileHandle) => Promise<T>): Promise<T> => {
  const handle = await open(path, 'r');
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
};

const keptOf = (head: Head, size: number): Kept => ({
  seq: head.seq,
  at: head.at,
  size,
  rawBytes: head.pieces.reduce((sum, { bytes }) => sum + bytes, 0),
  files: head.items.length,
});

/** Gives the items and files of a round their number in the bundle. */
const renumber = (file: string, start: number, head: Head, round: number): Omit<RingContent, 'at' | 'flaws'> => {
  const paths = new Map<string, string>();
  const items = head.items.map((item): ManifestItem => {
    if (!isArtifactKind(item.kind)) return item;
    const [from, to] = [pathOf(item.kind, item.target, { round: 0 }), pathOf(item.kind, item.target, { round })];
    const mine = item.paths.includes(from);
    if (mine) paths.set(from, to);
    const hash = item.sha256?.[from];
    return {
      ...item,
      id: item.id.replace(/#0$/, `#${round}`),
      round,
      paths: mine ? [to] : [],
      ...(hash === undefined ? {} : { sha256: { [to]: hash } }),
    };
  });
  const files: StoredFile[] = [];
  let position = start;
  for (const piece of head.pieces) {
    const [at, to] = [position, paths.get(piece.path)];
    position += piece.stored;
    if (to === undefined) continue;
    const { bytes, sha256 } = piece;
    files.push({ path: to, bytes, sha256, read: () => withFile(file, (handle) => contentOf(handle, piece, at)) });
  }
  return { items, files, synchronisation: head.synchronisation.map((entry) => ({ ...entry, round })) };
};

/** Deletes what a process left behind that died while it wrote, and finds the rounds that are whole. */
const recover = async (directory: string, note: (text: string) => void): Promise<Kept[]> => {
  const found: Kept[] = [];
  for (const name of (await readdir(directory)).sort()) {
    const path = join(directory, name);
    if (/^round-\d{10}\.ring\.partial$/.test(name)) await rm(path, { force: true });
    if (!ROUND_FILE.test(name)) continue;
    try {
      await withFile(path, async (handle) => {
        const { start, head } = await readHead(handle);
        if (fileOf(directory, head.seq) !== path) throw new Error('misnamed');
        await verifyRound(handle, start, head);
        found.push(keptOf(head, (await handle.stat()).size));
      });
    } catch (error) {
      note(`${name} is left out: ${error instanceof SyntaxError ? 'damaged' : (error as Error).message}`);
    }
  }
  return found;
};

/** Makes the directory, or checks that one that is there belongs to this user alone. Throws `UsageError` and I/O errors. */
export const prepareDirectory = async (directory: string): Promise<void> => {
  await mkdir(directory, { recursive: false, mode: 0o700 }).catch((error: unknown) => {
    if (errnoOf(error) !== 'EEXIST') throw error;
  });
  const { mode, uid } = await stat(directory);
  if (process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o077) !== 0)) {
    throw new UsageError(
      `${directory}: a ring has to belong to this user, and to nobody else`,
      `chmod 700 ${directory}, or name another directory`,
    );
  }
};

/**
 * A ring of sampling rounds in a prepared and locked directory: one file per round, written under a temporary name and renamed.
 * What was there before is taken in. Contents are redacted and checked before they come here. Throws I/O errors.
 */
export const openRing = async (
  directory: string,
  limits: RingLimits,
  note: (text: string) => void,
  io: RingIo = diskIo,
): Promise<Ring> => {
  const kept = await recover(directory, note);
  let [nextSeq, held, givenUp] = [(kept.at(-1)?.seq ?? -1) + 1, false, 0];
  // Shrinks when the disk runs full, and never grows back: what filled it is not over.
  let allowed = limits.bytes;

  const sum = (key: 'size' | 'rawBytes' | 'files'): number => kept.reduce((total, round) => total + round[key], 0);
  const dropOldest = async (): Promise<void> => {
    const oldest = kept.shift();
    if (oldest !== undefined) await rm(fileOf(directory, oldest.seq), { force: true });
  };
  const makeRoom = async (next: Omit<Kept, 'seq'>): Promise<void> => {
    while (!held && kept[0] !== undefined && next.at - kept[0].at > limits.keepMs) await dropOldest();
    const tooMuch = (): boolean =>
      sum('size') + next.size > allowed ||
      sum('rawBytes') + next.rawBytes > limits.rawBytes ||
      sum('files') + next.files > limits.files;
    while (kept.length > 0 && tooMuch()) {
      givenUp += 1;
      await dropOldest();
    }
  };
  const shrinkTo = (bytes: number): void => {
    if (bytes >= allowed) return;
    allowed = bytes;
    note(
      `little space at ${directory}: the ring keeps ${Math.round(bytes / 1024)} KiB from now on, its oldest rounds go`,
    );
  };

  return {
    directory,
    append: async ({ at, items, synchronisation, files }) => {
      const bodies = await Promise.all(
        files.map(async (file) => ({
          file,
          body: file.packed ?? (await file.read()),
          deflated: file.packed !== undefined,
        })),
      );
      const pieces = bodies.map(
        ({ file: { path, bytes, sha256 }, body, deflated }): Piece => ({
          path,
          bytes,
          stored: body.length,
          deflated,
          sha256,
        }),
      );
      const head: Head = { format: FORMAT, seq: nextSeq, at, items, synchronisation, pieces };
      const headBytes = Buffer.from(JSON.stringify(head), 'utf8');
      const length = Buffer.alloc(4);
      length.writeUInt32BE(headBytes.length);
      const parts = [length, headBytes, ...bodies.map(({ body }) => body)];
      const size = parts.reduce((total, part) => total + part.length, 0);
      const round = keptOf(head, size);
      const path = fileOf(directory, round.seq);
      const temp = `${path}.partial`;
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const free = await io.free(directory).catch(() => Number.MAX_SAFE_INTEGER);
        // What the ring holds already counts as room for it.
        if (free - size < freeReserve) shrinkTo(Math.max(0, sum('size') + free - freeReserve));
        if (size > allowed) return false;
        await makeRoom(round);
        try {
          await io.write(temp, parts);
          await rename(temp, path);
          kept.push(round);
          nextSeq += 1;
          return true;
        } catch (error) {
          await rm(temp, { force: true });
          if (!isFull(error)) throw error;
          shrinkTo(Math.floor(sum('size') / 2));
        }
      }
      return false;
    },
    hold: () => {
      held = true;
    },
    count: () => kept.length,
    bytes: () => sum('size'),
    givenUp: () => givenUp,
    rounds: async () => {
      const flaws: string[] = [];
      const items: ManifestItem[] = [];
      const files: StoredFile[] = [];
      const at: number[] = [];
      const synchronisation: Manifest['synchronisation'] = [];
      for (const round of kept) {
        const file = fileOf(directory, round.seq);
        try {
          const { start, head } = await withFile(file, readHead);
          const part = renumber(file, start, head, at.length);
          items.push(...part.items);
          files.push(...part.files);
          synchronisation.push(...part.synchronisation);
          at.push(round.at);
        } catch (error) {
          flaws.push(`${file} is left out: ${(error as Error).message}`);
        }
      }
      return { items, files, synchronisation, at, flaws };
    },
    remove: async () => {
      kept.length = 0;
      for (const name of await readdir(directory))
        if (OWN_FILE.test(name)) await rm(join(directory, name), { force: true });
      await rmdir(directory).catch(() => undefined);
    },
  };
};
