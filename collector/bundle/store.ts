import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import type { Readable } from 'node:stream';
import { constants, createInflateRaw, deflateRaw, inflateRaw } from 'node:zlib';
import { largeBytes } from '../memory.js';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** Below this, compressing costs more than it saves, bytes. */
const smallBytes = 2048;

export interface StoredFile {
  /** Below the bundle root. */
  readonly path: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  readonly read: () => Promise<Buffer>;
  /** The same piece by piece, for contents that are large. */
  readonly stream?: () => Readable;
  /** The content as raw deflate, where it is held so. */
  readonly packed?: Buffer;
}

/**
 * Holds artifacts until the bundle is written, compressed and in memory: nothing touches the disk before it is redacted,
 * checked and complete, and nothing is left behind when the process dies.
 */
export interface Store {
  /** Throws when the path is taken. */
  readonly add: (path: string, content: Buffer) => Promise<StoredFile>;
  /** Takes a file whose content is kept elsewhere. Throws when the path is taken. */
  readonly adopt: (file: StoredFile) => void;
  readonly remove: (path: string) => void;
  readonly files: () => readonly StoredFile[];
  /** Bytes before compression. */
  readonly bytes: () => number;
}

const inflated = (packed: Buffer): Readable => {
  const inflater = createInflateRaw({ chunkSize: 1 << 16 });
  inflater.end(packed);
  return inflater;
};

/** A file of the bundle that is made while it is written: header, manifest, checksums. */
export const plainFile = (path: string, content: Buffer | string): StoredFile => {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(content, 'utf8');
  return {
    path,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    read: async () => bytes,
  };
};

export const createStore = (): Store => {
  const files = new Map<string, StoredFile>();
  const reserved = new Set<string>();
  let total = 0;
  return {
    add: async (path, content) => {
      if (reserved.has(path)) throw new Error(`two items want the path ${path}`);
      reserved.add(path);
      const plain = plainFile(path, content);
      let file: StoredFile;
      if (content.length >= smallBytes) {
        const packed: Buffer = await deflate(content, { level: constants.Z_BEST_SPEED });
        const { bytes, sha256 } = plain;
        file = {
          path,
          bytes,
          sha256,
          packed,
          read: () => inflate(packed, { maxOutputLength: bytes }),
          ...(bytes < largeBytes ? {} : { stream: () => inflated(packed) }),
        };
      } else {
        const copy = Buffer.from(content);
        file = { ...plain, read: async () => copy };
      }
      // The path may have been given up while the compressor ran.
      if (reserved.has(path)) {
        files.set(path, file);
        total += file.bytes;
      }
      return file;
    },
    adopt: (file) => {
      if (reserved.has(file.path)) throw new Error(`two items want the path ${file.path}`);
      reserved.add(file.path);
      files.set(file.path, file);
      total += file.bytes;
    },
    remove: (path) => {
      reserved.delete(path);
      total -= files.get(path)?.bytes ?? 0;
      files.delete(path);
    },
    files: () => [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
    bytes: () => total,
  };
};
