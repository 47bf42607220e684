import type { Readable } from 'node:stream';
import { UntrustedBundle } from '../bundle/errors.js';
import { isBundleDirectory } from '../bundle/directory.js';
import { peek } from '../bundle/inflate.js';
import { defaultLimits } from '../bundle/limits.js';
import type { BundleInput } from '../bundle/read.js';
import { chunksOf, openFile, timed } from '../bundle/source.js';
import type { ForeignInput } from './gather.js';
import { SNIFF_BYTES, sniff } from './sniff.js';

/** An input as one of ours, or as something to be imported. */
export type Opened = { readonly bundle: BundleInput } | { readonly foreign: ForeignInput };

async function* contentOf(path: string): AsyncGenerator<Uint8Array> {
  const handle = await openFile(path);
  try {
    yield* chunksOf(handle, path);
  } finally {
    await handle.close();
  }
}

const openPath = async (path: string): Promise<Opened> => {
  const handle = await openFile(path);
  try {
    const stats = await handle.stat();
    if (stats.isDirectory())
      return (await isBundleDirectory(path)) ? { bundle: { path } } : { foreign: { kind: 'directory', path } };
    if (!stats.isFile()) return { bundle: { path } };
    const head = Buffer.alloc(SNIFF_BYTES);
    const { bytesRead } = await handle.read(head, 0, SNIFF_BYTES, 0);
    const kind = sniff(head.subarray(0, bytesRead));
    return kind === 'bundle' || kind === 'empty'
      ? { bundle: { path } }
      : { foreign: { kind: 'stream', name: path, stream: contentOf(path), modifiedAt: Math.round(stats.mtimeMs) } };
  } finally {
    await handle.close();
  }
};

/**
 * Tells by its content whether an input is a bundle. Throws `UnreadableInput`, and `UntrustedBundle` for what is none when only
 * signed bundles are wanted.
 */
export const openInput = async (
  file: string,
  stdin: Readable,
  options: { readonly signed: boolean; readonly signal: AbortSignal },
): Promise<Opened> => {
  let opened: Opened;
  if (file === '-') {
    const { head, all } = await peek(timed(stdin, defaultLimits, options.signal), SNIFF_BYTES);
    const kind = sniff(head);
    opened =
      kind === 'bundle' || kind === 'empty'
        ? { bundle: { stream: all, name: 'stdin' } }
        : { foreign: { kind: 'stream', name: 'stdin', stream: all } };
  } else opened = await openPath(file);
  if ('foreign' in opened && options.signed) throw new UntrustedBundle('it is no bundle, so nobody can have signed it');
  return opened;
};
