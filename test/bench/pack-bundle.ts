import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { CHECKSUMS_PATH, type Manifest, MANIFEST_PATH } from '../../schemas/index.js';
import { tarHeader } from '../support/tar-archive.js';

/** Short, since names of more than 100 bytes would need another header. */
const ROOT = 'bundle';

/** Files of a bundle by their name in the archive, in order. */
export type ArchiveFiles = ReadonlyMap<string, Buffer>;

/** Reads a whole bundle into memory. */
export async function readArchiveFiles(path: string): Promise<ArchiveFiles> {
  const files = new Map<string, Buffer>();
  const parser = new Parser({ strict: true });
  parser.on('entry', (entry: ReadEntry) => {
    const chunks: Buffer[] = [];
    entry.on('data', (chunk: Buffer) => chunks.push(chunk));
    entry.on('end', () => entry.type === 'File' && files.set(entry.path, Buffer.concat(chunks)));
  });
  const ended = once(parser, 'end');
  createReadStream(path).pipe(parser);
  await ended;
  return files;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

const paddingOf = (size: number): Buffer => Buffer.alloc((512 - (size % 512)) % 512);

/**
 * Writes a bundle like `files` whose first server log is the file `log` instead, with the right hashes.
 * Throws when the bundle has no server log.
 */
export async function packWithLog(files: ArchiveFiles, log: string, output: string): Promise<void> {
  const root = dirname([...files.keys()].find((name) => basename(name) === 'bundle.json') ?? '');
  const manifest = JSON.parse(String(files.get(join(root, MANIFEST_PATH)))) as Manifest;
  const item = manifest.items.find(({ kind, paths }) => kind === 'server-log' && paths.length > 0);
  const logPath = item?.paths[0];
  if (item === undefined || logPath === undefined) throw new Error('the bundle has no server log to replace');
  const { size } = await stat(log);
  const logHash = await sha256Of(log);
  const items = manifest.items.map((other) =>
    other === item
      ? { ...item, paths: [logPath], bytesStored: size, bytesOriginal: size, sha256: { [logPath]: logHash } }
      : other,
  );
  const replaced = new Map(files);
  for (const path of item.paths) if (path !== logPath) replaced.delete(join(root, path));
  replaced.set(join(root, MANIFEST_PATH), Buffer.from(JSON.stringify({ ...manifest, items }, null, 1)));
  replaced.delete(join(root, CHECKSUMS_PATH));
  const sums = [...replaced].map(([name, content]) => {
    const path = name.slice(root.length + 1);
    return `${path === logPath ? logHash : createHash('sha256').update(content).digest('hex')}  ${path}\n`;
  });
  replaced.set(join(root, CHECKSUMS_PATH), Buffer.from(sums.join('')));
  async function* tar(): AsyncGenerator<Buffer> {
    for (const [name, content] of replaced) {
      const path = name.slice(root.length + 1);
      const isLog = path === logPath;
      const length = isLog ? size : content.length;
      yield tarHeader({ name: `${ROOT}/${path}`, claimedSize: length });
      if (isLog) yield* createReadStream(log, { highWaterMark: 1 << 18 });
      else yield content;
      yield paddingOf(length);
    }
    yield Buffer.alloc(1024);
  }
  // The level at which the collector packs.
  await pipeline(Readable.from(tar()), createGzip({ level: 1, chunkSize: 1 << 18 }), createWriteStream(output));
}
