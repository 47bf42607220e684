import { createGunzip } from 'node:zlib';

const MAX_LINE = 1024 * 1024;
/** Strings of this size are still allocated with the small objects; larger ones cost several times as much. */
const PIECE = 64 * 1024;
const GUNZIP_CHUNK = 256 * 1024;
/** Packed bytes that are unpacked in one go; what they hold is lost when one of them is wrong. */
const PACKED_SLICE = 16 * 1024;

/** Facts about a stream that was read to its end. */
export interface InputFacts {
  bytes: number;
  compressed: boolean;
  damage: string[];
}

export interface LineSplitter {
  readonly feed: (bytes: Uint8Array) => void;
  /** Hands out the last line when it has no end. */
  readonly end: () => void;
  readonly oversizeLines: () => number;
}

/**
 * Splits bytes into blocks of complete lines and hands each to `onBlock` as part of a latin1 view of its bytes (a cut-out string
 * would be slower to read). A line of more than 1 MiB keeps its beginning only; NULs at the start of a line are dropped.
 */
export function createLineSplitter(onBlock: (text: string, from: number, to: number) => void): LineSplitter {
  let carry = '';
  let dropping = false;
  let oversizeLines = 0;
  const piece = (chunk: string): void => {
    let from = 0;
    if (carry !== '' || dropping) {
      const end = chunk.indexOf('\n');
      if (end < 0) {
        grow(chunk);
        return;
      }
      if (!dropping) grow(chunk.slice(0, end));
      dropping = false;
      const line = flat(carry);
      onBlock(line, 0, line.length);
      carry = '';
      from = end + 1;
    }
    const last = chunk.lastIndexOf('\n');
    if (last >= from) onBlock(chunk, from, last + 1);
    if (last + 1 < chunk.length) grow(chunk.slice(Math.max(last + 1, from)));
  };
  const grow = (part: string): void => {
    if (dropping) return;
    const joined = carry === '' ? part : carry + part;
    carry = joined.charCodeAt(0) === 0 ? withoutNuls(joined) : joined;
    if (carry.length > MAX_LINE) {
      carry = carry.slice(0, MAX_LINE);
      dropping = true;
      oversizeLines++;
    }
  };
  return {
    feed: (bytes) => {
      const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let at = 0; at < whole.length; at += PIECE)
        piece(whole.toString('latin1', at, Math.min(at + PIECE, whole.length)));
    },
    end: () => {
      if (carry !== '') onBlock(carry, 0, carry.length);
    },
    oversizeLines: () => oversizeLines,
  };
}

/**
 * Hands the bytes of a stream (plain or gzip) to `onBytes`, unpacked, and waits for it before the next ones. Never throws for what
 * the bytes contain: a truncated gzip stream ends the input and is reported in `damage`. Errors of a plain source are passed on.
 * @param limit most bytes to read after gunzip
 */
export async function readBytes(
  stream: AsyncIterable<Uint8Array>,
  limit: number,
  onBytes: (bytes: Uint8Array) => Promise<void> | undefined,
): Promise<InputFacts> {
  const facts: InputFacts = { bytes: 0, compressed: false, damage: [] };
  for await (const bytes of plainBytes(stream, facts)) {
    const room = limit - facts.bytes;
    const taken = bytes.byteLength > room ? bytes.subarray(0, room) : bytes;
    facts.bytes += taken.byteLength;
    const wait = onBytes(taken);
    if (wait !== undefined) await wait;
    if (taken !== bytes) {
      facts.damage.push(`only the first ${limit} bytes were read`);
      break;
    }
  }
  return facts;
}

/** Joined strings are trees; reading them character by character wants them flat. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

function withoutNuls(text: string): string {
  let i = 0;
  while (text.charCodeAt(i) === 0) i++;
  return text.slice(i);
}

async function* plainBytes(stream: AsyncIterable<Uint8Array>, facts: InputFacts): AsyncGenerator<Uint8Array> {
  const source = stream[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let size = 0;
  try {
    while (size < 2) {
      const { value, done } = await source.next();
      if (done === true) break;
      if (value.byteLength > 0) held.push(value);
      size += value.byteLength;
    }
    const magic = Buffer.concat(held.map((bytes) => bytes.subarray(0, 2)));
    const rest = replay(held, source);
    if (magic[0] !== 0x1f || magic[1] !== 0x8b) {
      yield* rest;
      return;
    }
    facts.compressed = true;
    yield* gunzipped(rest, facts);
  } finally {
    await source.return?.();
  }
}

async function* replay(held: Uint8Array[], source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (let bytes = held.shift(); bytes !== undefined; bytes = held.shift()) yield bytes;
  for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
}

/**
 * What a gzip stream holds, to where it breaks off. An iterator over Node's stream would drop what waits in its buffers when the
 * error comes, and the end of a log is what one wants to read: so it is fed in small slices, each taken out before the next one.
 */
async function* gunzipped(packed: AsyncIterable<Uint8Array>, facts: InputFacts): AsyncGenerator<Uint8Array> {
  // Node's default of 16 KiB makes reading several times slower.
  const gunzip = createGunzip({ chunkSize: GUNZIP_CHUNK });
  const waiting: Uint8Array[] = [];
  let damage: string | undefined;
  let wake = (): void => undefined;
  let over = false;
  const end = (): void => {
    over = true;
    wake();
  };
  gunzip.on('data', (bytes: Uint8Array) => {
    waiting.push(bytes);
    gunzip.pause();
    wake();
  });
  gunzip.on('end', end);
  gunzip.on('error', (error) => {
    damage = error.message;
    end();
  });
  /** Hands out what comes until `begin` is through. */
  async function* outputOf(begin: (done: () => void) => void): AsyncGenerator<Uint8Array> {
    let through = false;
    begin(() => {
      through = true;
      wake();
    });
    for (;;) {
      for (let bytes = waiting.shift(); bytes !== undefined; bytes = waiting.shift()) yield bytes;
      gunzip.resume();
      if (waiting.length > 0) continue;
      if (through || over) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  try {
    for await (const bytes of packed) {
      for (let at = 0; at < bytes.length && !over; at += PACKED_SLICE) {
        yield* outputOf((done) => gunzip.write(bytes.subarray(at, at + PACKED_SLICE), done));
      }
      if (over) break;
    }
    if (!over) yield* outputOf(() => gunzip.end());
    if (damage !== undefined) facts.damage.push(`gzip stream is damaged: ${damage}`);
  } finally {
    gunzip.destroy();
  }
}
