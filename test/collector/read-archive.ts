import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';

export interface ReadFile {
  /** Below the root directory. */
  readonly path: string;
  readonly root: string;
  readonly mode: number | undefined;
  readonly content: Buffer;
}

/** All entries of a bundle in order. */
export const readArchive = async (path: string): Promise<ReadFile[]> => {
  const files: ReadFile[] = [];
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry: ReadEntry) => {
      const chunks: Buffer[] = [];
      entry.on('data', (chunk: Buffer) => chunks.push(chunk));
      entry.on('end', () => {
        const [root = '', ...rest] = entry.path.split('/');
        files.push({ root, path: rest.join('/'), mode: entry.mode, content: Buffer.concat(chunks) });
      });
    },
  });
  const done = new Promise<void>((resolve, reject) => {
    parser.on('end', resolve);
    parser.on('error', reject);
  });
  await pipeline(createReadStream(path), createGunzip(), async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) parser.write(chunk);
    parser.end();
  });
  await done;
  return files;
};

export const textOf = (files: readonly ReadFile[], path: string): string => {
  const found = files.find((file) => file.path === path);
  if (found === undefined)
    throw new Error(`${path} is not in the bundle: ${files.map((file) => file.path).join(', ')}`);
  return found.content.toString('utf8');
};
