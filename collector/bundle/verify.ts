import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { OutputError } from '../errors.js';
import { releaseMemory } from '../memory.js';
import type { StoredFile } from './store.js';

/** Pieces of so many bytes in all may wait to be cleaned up. */
const CLEAN_EVERY = 8 * 1024 * 1024;

const asIs = (bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> => bytes;

/**
 * Re-opens a written archive and compares every entry with what should be in it: name, order, size, SHA-256; `open` undoes
 * its encryption. Throws `OutputError` with code `EVERIFY` on the first difference.
 */
export const verifyArchive = async (
  path: string,
  root: string,
  files: readonly StoredFile[],
  open = asIs,
): Promise<void> => {
  const refuse = (what: string): OutputError =>
    new OutputError(`the written archive does not read back as it should: ${what}`, path, 'EVERIFY');
  let index = 0;
  let problem: OutputError | undefined;
  const onReadEntry = (entry: ReadEntry): void => {
    const expected = files[index];
    index += 1;
    const hash = createHash('sha256');
    entry.on('data', (chunk: Buffer) => hash.update(chunk));
    entry.on('end', () => {
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
};
