import { constants, gunzipSync } from 'node:zlib';
import { HEADER_PATH } from '../../schemas/index.js';
import { isEncrypted, MAGIC_BYTES } from '../bundle/decrypt.js';

/** What the first bytes say. `bundle` is ours, to be read by the reader of bundles, which also says what is wrong with it. */
export type Sniffed = 'bundle' | 'tar' | 'gzip' | 'zip' | 'xz' | 'zstd' | 'bzip2' | 'plain' | 'empty';

/** Enough for the first entries of a tar, and so little that it cannot inflate to much. */
export const SNIFF_BYTES = 16 * 1024;

const startsWith = (head: Buffer, ...bytes: readonly number[]): boolean => bytes.every((byte, i) => head[i] === byte);

const isTar = (head: Buffer): boolean => head.length >= 512 && head.toString('latin1', 257, 262) === 'ustar';

/** Whether the first file of a tar is the header of a bundle; a bundle that lost it still has the name of its root directory. */
const isBundleTar = (head: Buffer): boolean => {
  for (let at = 0; at + 512 <= head.length; ) {
    const type = head.toString('latin1', at + 156, at + 157);
    const size = Number.parseInt(head.toString('latin1', at + 124, at + 136), 8);
    const name = head
      .toString('latin1', at, at + 100)
      .replace(/\0.*$/s, '')
      .replace(/^\.\//, '');
    if (name.startsWith('etcd-evidence_')) return true;
    if (type === '0' || type === '\0' || !Number.isFinite(size)) return new RegExp(`^[^/]+/${HEADER_PATH}$`).test(name);
    at += 512 + Math.ceil((Number.isFinite(size) ? size : 0) / 512) * 512;
  }
  return false;
};

/** The beginning of what a gzip holds. */
const inflatedHead = (head: Buffer): Buffer => {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0);
  }
};

/** Tells an input by its first `SNIFF_BYTES`. */
export const sniff = (start: Buffer): Sniffed => {
  const head = start.subarray(0, SNIFF_BYTES);
  if (head.length === 0) return 'empty';
  if (isEncrypted(head.subarray(0, MAGIC_BYTES))) return 'bundle';
  if (startsWith(head, 0x50, 0x4b, 0x03, 0x04) || startsWith(head, 0x50, 0x4b, 0x05, 0x06)) return 'zip';
  if (startsWith(head, 0xfd, 0x37, 0x7a, 0x58, 0x5a)) return 'xz';
  if (startsWith(head, 0x28, 0xb5, 0x2f, 0xfd)) return 'zstd';
  if (startsWith(head, 0x42, 0x5a, 0x68)) return 'bzip2';
  if (startsWith(head, 0x1f, 0x8b)) {
    const inner = inflatedHead(head);
    // A gzip whose beginning cannot be read is left to the reader of bundles and its words.
    if (inner.length === 0) return 'bundle';
    return isTar(inner) && isBundleTar(inner) ? 'bundle' : 'gzip';
  }
  if (isTar(head)) return isBundleTar(head) ? 'bundle' : 'tar';
  return 'plain';
};
