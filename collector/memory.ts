import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/** Contents from this size on are worth a clean-up once they are done with, bytes. */
export const largeBytes = 1024 * 1024;

/**
 * Gives the memory of buffers that are no longer used back at once. V8 counts buffers outside its heap lightly and lets
 * some 64 MB of dead ones pile up before it looks; on the host of a member in need that memory is not ours to keep.
 * Takes about 10 ms.
 */
export const releaseMemory = (): void => {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    const found: unknown = runInNewContext('gc');
    collect = typeof found === 'function' ? () => void found() : () => undefined;
  }
  collect();
};
