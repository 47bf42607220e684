import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { OutputError, QuarantineError } from '../errors.js';
import { releaseMemory } from '../memory.js';
import { describeLeftovers, type Inspect } from '../redact/gate.js';
import type { StoredFile } from './store.js';

/** Pieces of so many bytes in all may wait to be cleaned up. */
const CLEAN_EVERY = 8 * 1024 * 1024;

/** Files named in a message about the gate, at most. */
const NAMED_FILES = 10;

const asIs = (bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> => bytes;

/**
 * Re-opens a written archive and compares every entry with what should be in it: name, order, size, SHA-256; `inspect` looks at
 * every path and content for what should have been removed, `open` undoes the encryption. Throws `OutputError` with code `EVERIFY`
 * on the first difference, and `QuarantineError` when something is left.
 */
export const verifyArchive = async (
  path: string,
  root: string,
  files: readonly StoredFile[],
  inspect: Inspect = () => ({}),
  open = asIs,
): Promise<void> => {
  const left: string[] = [];
  const look = (name: string, content: Buffer): void => {
    try {
      const found = { ...inspect(Buffer.from(name, 'utf8')), ...inspect(content) };
      if (Object.keys(found).length > 0) left.push(`${name}: ${describeLeftovers(found)}`);
    } catch {
      left.push(`${name}: cannot be searched`);
    }
  };
  const refuse = (what: string): OutputError =>
    new OutputError(`the written archive does not read back as it should: ${what}`, path, 'EVERIFY');
  let index = 0;
  let problem: OutputError | undefined;
  const onReadEntry = (entry: ReadEntry): void => {
    const expected = files[index];
    index += 1;
    const hash = createHash('sha256');
    const chunks: Buffer[] = [];
    entry.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      chunks.push(chunk);
    });
    entry.on('end', () => {
      look(entry.path, Buffer.concat(chunks));
      if (problem !== undefined) return;
      if (expected === undefined) problem = refuse('there are more entries than were written');
      else if (entry.path !== `${root}/${expected.path}`)
        problem = refuse(`unexpected entry in place of ${expected.path}`);
      else if (hash.digest('hex') !== expected.sha256) problem = refuse(`${expected.path} has changed`);
    });
  };
  const parser = new Parser({ strict: true, onReadEntry });
  const failed = new Promise<never>((_, reject) => {
    parser.on('error', (error: Error) => reject(refuse(error.message)));
  });
  failed.catch(() => undefined);
  let seen = 0;
  const into = new Writable({
    write: (chunk: Buffer, _encoding, next) => {
      seen += chunk.length;
      if (seen >= CLEAN_EVERY) {
        seen = 0;
        releaseMemory();
      }
      if (parser.write(chunk)) next();
      else parser.once('drain', () => next());
    },
    final: (next) => {
      parser.once('end', () => next());
      parser.end();
    },
  });
  await Promise.race([pipeline(createReadStream(path), open, createGunzip({ chunkSize: 1 << 18 }), into), failed]);
  if (problem !== undefined) throw problem;
  if (index !== files.length) throw refuse(`${files.length - index} entries are missing`);
  if (left.length > 0) throw new QuarantineError(namesOf(left));
};

const namesOf = (left: readonly string[]): string =>
  [
    ...left.slice(0, NAMED_FILES),
    ...(left.length > NAMED_FILES ? [`and ${left.length - NAMED_FILES} more files`] : []),
  ].join('; ');

/** The same search over files that are not written yet, for bundles that are streamed. Throws `QuarantineError`. */
export const inspectFiles = async (root: string, files: readonly StoredFile[], inspect: Inspect): Promise<void> => {
  const left: string[] = [];
  let seen = 0;
  for (const file of files) {
    const found = { ...inspect(Buffer.from(`${root}/${file.path}`, 'utf8')), ...inspect(await file.read()) };
    if (Object.keys(found).length > 0) left.push(`${file.path}: ${describeLeftovers(found)}`);
    seen += file.bytes;
    if (seen >= CLEAN_EVERY) {
      seen = 0;
      releaseMemory();
    }
  }
  if (left.length > 0) throw new QuarantineError(namesOf(left));
};
