import { createHash } from 'node:crypto';
import { type Bundle, ERROR_SUFFIX, HEADER_PATH, validate } from '../../schemas/index.js';
import type { LogSummary } from '../logs/types.js';
import { type Channel, createChannel } from './channel.js';
import { DamagedArchive, UnsafeArchive } from './errors.js';
import { parseJson } from './json.js';
import type { Limits } from './limits.js';
import { type PathParts, parsePath } from './parse-path.js';
import { checkFormat } from './upgrade.js';

/** How far a log may run ahead of its summary, bytes. */
const LOG_QUEUE = 1024 * 1024;

export interface LogMeta {
  readonly path: string;
  /** Bytes announced; fewer come when the archive ends early. */
  readonly size: number;
  readonly parts?: PathParts;
  /** Start of the collection, epoch ms; fills in what log times leave out. */
  readonly referenceTime: number;
}

/** Consumes a log while it streams by. The stream ends early, without error, where the archive does. */
export type OnLog = (meta: LogMeta, stream: AsyncIterable<Uint8Array>) => Promise<LogSummary>;

/** One file of the bundle as it was read. */
export interface TakenFile {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  /** False when the archive ended inside it. */
  readonly whole: boolean;
  /** Parsed JSON or text; absent for logs and for what could not be parsed. */
  readonly value?: unknown;
  readonly log?: LogSummary;
  /** What is wrong with the content, completing "<path> ...". */
  readonly flaw?: string;
}

export interface FileSink {
  readonly write: (chunk: Uint8Array) => void;
  readonly end: () => void;
  /** The source ends inside this file. */
  readonly breakOff: () => void;
}

export interface Intake {
  /** Counts an entry of any type; throws beyond the limit. */
  readonly countEntry: (raw: string) => void;
  /** `segments` include the root directory; `raw` is the name as found, for messages. */
  readonly directory: (segments: readonly string[], raw: string) => void;
  readonly file: (segments: readonly string[], raw: string, size: number) => FileSink;
  /** Given by who takes archives of other tools: told of links, special files and odd paths, which are then passed over, not refused. */
  readonly odd?: (raw: string, why: string) => void;
  /** Told the time of the next file, epoch ms. */
  readonly modified?: (at: number | undefined) => void;
  /** Resolves when more may be pushed. */
  readonly settled: () => Promise<void> | undefined;
  /** Waits for the logs; throws `DamagedArchive` when there was no usable header. */
  readonly finish: (damage?: string) => Promise<{ header: Bundle; files: ReadonlyMap<string, TakenFile> }>;
  /** Lets every consumer go, after a refusal. */
  readonly abandon: () => void;
}

const isLog = (path: string, parts: PathParts | undefined): boolean =>
  !path.endsWith(ERROR_SUFFIX) && (parts?.kind === 'server-log' || /\.log(\.gz)?$/.test(path));

/** Checks magic, schema and format of the header. */
const headerOf = (bytes: Uint8Array): Bundle => {
  const parsed = parseJson(bytes);
  if (!parsed.ok) throw new DamagedArchive(`not an etcd-evidence bundle: ${HEADER_PATH} ${parsed.reason}`);
  const format = (parsed.value as { format?: { major?: unknown; minor?: unknown } } | null)?.format;
  const magic = (parsed.value as { magic?: unknown } | null)?.magic;
  // Format before schema: a later major may have another header.
  if (magic === 'etcd-evidence' && Number.isInteger(format?.major)) {
    checkFormat({ major: Number(format?.major), minor: Number.isInteger(format?.minor) ? Number(format?.minor) : 0 });
  }
  const checked = validate('bundle', parsed.value);
  if (!checked.ok)
    throw new DamagedArchive(`not an etcd-evidence bundle: in ${HEADER_PATH} ${checked.errors.join('; ')}`);
  return checked.value;
};

const contentOf = (path: string, bytes: Uint8Array): { value?: unknown; flaw?: string } => {
  if (path.endsWith('.json')) {
    const parsed = parseJson(bytes);
    return parsed.ok ? { value: parsed.value } : { flaw: parsed.reason };
  }
  return { value: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8') };
};

/**
 * Takes in the files of one bundle: the header first, small files parsed and kept, logs passed on to `onLog`,
 * all of them hashed. Throws `UnsafeArchive`, `DamagedArchive` or `UnsupportedFormat` from its callbacks.
 */
export const createIntake = (limits: Limits, onLog: OnLog): Intake => {
  const files = new Map<string, TakenFile>();
  const seen = new Set<string>();
  const pending = new Set<Promise<void>>();
  const channels = new Set<Channel>();
  let root: string | undefined;
  let header: Bundle | undefined;
  let [entries, kept, total] = [0, 0, 0];

  const checkRoot = (segments: readonly string[], raw: string): void => {
    root ??= segments[0];
    if (segments[0] !== root) throw new UnsafeArchive('two-roots', 'lies outside the one root directory', raw);
  };
  const claim = (size: number, limit: number, raw: string): void => {
    if (!(size >= 0 && size <= limit))
      throw new UnsafeArchive('entry-too-large', `is ${size} bytes, more than the ${limit} allowed`, raw);
    total += size;
    if (total > limits.totalBytes)
      throw new UnsafeArchive('too-large', `the bundle unpacks to more than ${limits.totalBytes} bytes`, raw);
  };

  const logSink = (path: string, announced: number, parts: PathParts | undefined): FileSink => {
    const channel = createChannel(LOG_QUEUE);
    const hash = createHash('sha256');
    let [size, whole] = [0, true];
    const meta: LogMeta = {
      path,
      size: announced,
      ...(parts === undefined ? {} : { parts }),
      referenceTime: Date.parse(header?.createdAt ?? ''),
    };
    const summarise = async (): Promise<void> => {
      let result: { log: LogSummary } | { flaw: string };
      try {
        result = { log: await onLog(meta, channel) };
      } catch {
        result = { flaw: 'could not be read as a log' };
      }
      channel.discard();
      await ended;
      files.set(path, { path, sha256: hash.digest('hex'), size, whole, ...result });
    };
    let markEnded: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      markEnded = resolve;
    });
    const close = (complete: boolean): void => {
      whole = complete;
      channel.end();
      markEnded();
    };
    channels.add(channel);
    const work = summarise().finally(() => {
      pending.delete(work);
      channels.delete(channel);
    });
    pending.add(work);
    return {
      write: (chunk) => {
        size += chunk.length;
        hash.update(chunk);
        channel.push(chunk);
      },
      end: () => close(true),
      breakOff: () => close(false),
    };
  };

  const keepSink = (path: string, size: number, raw: string): FileSink => {
    kept += size;
    if (kept > limits.keptBytes)
      throw new UnsafeArchive('too-large', `holds more than ${limits.keptBytes} bytes besides logs`, raw);
    const chunks: Uint8Array[] = [];
    return {
      write: (chunk) => {
        chunks.push(chunk);
      },
      end: () => {
        const bytes = Buffer.concat(chunks);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        if (path === HEADER_PATH) header = headerOf(bytes);
        files.set(path, { path, sha256, size: bytes.length, whole: true, ...contentOf(path, bytes) });
      },
      breakOff: () => {
        files.set(path, { path, sha256: '', size: 0, whole: false, flaw: 'is cut off: the archive ends inside it' });
      },
    };
  };

  return {
    countEntry: (raw) => {
      entries += 1;
      if (entries > limits.entries)
        throw new UnsafeArchive('too-many-entries', `more than ${limits.entries} entries`, raw);
    },
    directory: (segments, raw) => {
      if (segments.length > 0) checkRoot(segments, raw);
    },
    file: (segments, raw, size) => {
      if (segments.length < 2)
        throw new DamagedArchive('not an etcd-evidence bundle: it holds files outside a root directory');
      checkRoot(segments, raw);
      const path = segments.slice(1).join('/');
      if (seen.has(path)) throw new UnsafeArchive('duplicate', 'occurs twice', raw);
      if (seen.size === 0 && path !== HEADER_PATH) {
        throw new DamagedArchive(`not an etcd-evidence bundle: its first file is not ${HEADER_PATH}`);
      }
      seen.add(path);
      const parts = parsePath(path);
      const log = isLog(path, parts);
      claim(size, log ? limits.logBytes : limits.fileBytes, raw);
      return log ? logSink(path, size, parts) : keepSink(path, size, raw);
    },
    settled: () => {
      const full = [...channels].map((channel) => channel.drained()).filter((wait) => wait !== undefined);
      // Small logs queue up faster than they are summarised: let them catch up, except the one still open.
      if (full.length === 0 && pending.size > 8) return new Promise((resolve) => setImmediate(resolve));
      return full.length === 0 ? undefined : Promise.all(full).then(() => undefined);
    },
    finish: async (damage) => {
      await Promise.all(pending);
      if (header === undefined)
        throw new DamagedArchive(damage ?? `not an etcd-evidence bundle: there is no ${HEADER_PATH} in it`);
      return { header, files };
    },
    abandon: () => {
      for (const channel of channels) {
        channel.discard();
        channel.end();
      }
    },
  };
};
