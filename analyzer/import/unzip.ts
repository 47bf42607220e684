import { type UnzipFileInfo, unzipSync } from 'fflate';
import { DamagedArchive, UnsafeArchive } from '../bundle/errors.js';
import type { Limits } from '../bundle/limits.js';

export interface ZipEntry {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * The wanted files of a zip. Sizes are those of its directory, and no file unpacks to more than it claims there, so they are
 * checked before anything is unpacked. Throws `UnsafeArchive` beyond the limits, `DamagedArchive` when it is no sound zip.
 */
export const unzip = (
  packed: Uint8Array,
  wanted: (path: string, size: number) => boolean,
  limits: Limits,
): ZipEntry[] => {
  let [entries, taken] = [0, 0];
  const filter = ({ name, size, originalSize, compression }: UnzipFileInfo): boolean => {
    entries += 1;
    if (entries > limits.entries) throw new UnsafeArchive('too-many-entries', `more than ${limits.entries} entries`);
    if (name.endsWith('/') || (compression !== 0 && compression !== 8) || !wanted(name, originalSize)) return false;
    if (originalSize > limits.fileBytes)
      throw new UnsafeArchive(
        'entry-too-large',
        `is ${originalSize} bytes, more than the ${limits.fileBytes} allowed`,
        name,
      );
    // Deflate cannot make more of a byte than about 1030; a claim beyond that is no honest one.
    if (compression === 8 ? originalSize > 1040 * (size + 64) : originalSize !== size)
      throw new UnsafeArchive('ratio', 'claims a size that its content cannot have', name);
    taken += originalSize;
    if (taken > limits.keptBytes)
      throw new UnsafeArchive('too-large', `unpacks to more than ${limits.keptBytes} bytes`);
    if (taken > limits.ratioFromBytes && taken > packed.length * limits.ratio)
      throw new UnsafeArchive(
        'ratio',
        `unpacks to more than ${limits.ratio} times its size, as a decompression bomb does`,
      );
    return true;
  };
  try {
    return Object.entries(unzipSync(packed, { filter })).map(([path, bytes]) => ({ path, bytes }));
  } catch (error) {
    if (error instanceof UnsafeArchive) throw error;
    throw new DamagedArchive('the zip archive is damaged');
  }
};
