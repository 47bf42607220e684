import { createGunzip } from 'node:zlib';

/** Compressed bytes read of a rotated log, and bytes it may unfold to before it is given up. */
export const MAX_COMPRESSED = 32 * 1024 * 1024;
const MAX_UNFOLDED = 512 * 1024 * 1024;

/**
 * Last `maxBytes` of a gzip file, cut at a line start. A damaged or cut file gives what could be unfolded; `late` when the signal came before
 * the end: then it is the end of nothing.
 */
export const gunzipTail = (
  compressed: Buffer,
  maxBytes: number,
  signal: AbortSignal,
): Promise<{ readonly content: Buffer; readonly total: number; readonly late: boolean }> =>
  new Promise((resolve) => {
    const gunzip = createGunzip({ chunkSize: 256 * 1024 });
    let kept: Buffer[] = [];
    let size = 0;
    let total = 0;
    const finish = (): void => {
      signal.removeEventListener('abort', finish);
      gunzip.destroy();
      const whole = Buffer.concat(kept);
      const tail = whole.subarray(Math.max(0, whole.length - maxBytes));
      const from = total > tail.length ? tail.indexOf(0x0a) + 1 : 0;
      resolve({ content: tail.subarray(from), total, late: signal.aborted });
    };
    gunzip.on('data', (chunk: Buffer) => {
      kept.push(chunk);
      size += chunk.length;
      total += chunk.length;
      if (size > 2 * maxBytes + 1024 * 1024) {
        const whole = Buffer.concat(kept);
        // A copy, so that the dropped part can be freed.
        kept = [Buffer.from(whole.subarray(whole.length - maxBytes))];
        size = maxBytes;
      }
      if (total > MAX_UNFOLDED) finish();
    });
    signal.addEventListener('abort', finish, { once: true });
    gunzip.once('end', finish);
    gunzip.once('error', finish);
    gunzip.end(compressed);
  });
