import { closeSync, constants, openSync, readSync } from 'node:fs';
import { toProbeError } from './files.js';

export interface KernelRing {
  /** Raw records, `<prefix>;<text>` as the kernel documents in ABI/testing/dev-kmsg, oldest first. */
  readonly records: readonly string[];
  readonly bytes: number;
  /** The cap ended the read: the newest records are missing. */
  readonly truncated: boolean;
}

/** Reads the kernel's message ring without waiting for new messages. Errors are ProbeErrors. */
export const readKernelRing = (maxBytes: number, path = '/dev/kmsg'): KernelRing => {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw toProbeError(error, path);
  }
  // One read returns one record; a record never exceeds 8 KiB.
  const buffer = Buffer.alloc(16 * 1024);
  const records: string[] = [];
  let bytes = 0;
  let overwritten = 0;
  try {
    while (bytes < maxBytes) {
      try {
        const read = readSync(descriptor, buffer, 0, buffer.length, null);
        if (read === 0) return { records, bytes, truncated: false };
        bytes += read;
        records.push(buffer.toString('utf8', 0, read));
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        if (code === 'EAGAIN') return { records, bytes, truncated: false };
        // The ring overtook this reader; the next read goes on with the oldest record that is left.
        if (code === 'EPIPE' && overwritten++ < 1000) continue;
        throw toProbeError(error, path);
      }
    }
    return { records, bytes, truncated: true };
  } finally {
    closeSync(descriptor);
  }
};
