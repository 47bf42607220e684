import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import type { BundleFiles } from './bundle-files.js';

const BLOCK = 512;

/** The bundle as a .tar.gz, in the form etcd-collect gives it: one root, mode 0600, no owner, one time. */
export const archiveOf = ({ name, files, manifest }: BundleFiles): Uint8Array => {
  const mtime = new Date(manifest.times.startedAt);
  const blocks: Uint8Array[] = [];
  for (const { path, bytes } of files) {
    const head = Buffer.alloc(BLOCK);
    const header = new Header({
      path: `${name}/${path}`,
      mode: 0o600,
      uid: 0,
      gid: 0,
      size: bytes.length,
      mtime,
      type: 'File',
    });
    if (header.encode(head)) throw new Error(`the path is too long for a tar: ${path}`);
    blocks.push(head, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]), { level: 1 });
};
