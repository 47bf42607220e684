import { summarizeLog } from '../logs/index.js';
import { finishBundle } from '../bundle/finish.js';
import { createIntake } from '../bundle/intake.js';
import { defaultLimits } from '../bundle/limits.js';
import type { LoadedBundle } from '../bundle/loaded.js';
import type { BundleFiles } from './bundle-files.js';

/** Largest total of an import, see `limits.ts`; the files are in memory already. */
const limits = { ...defaultLimits, fileBytes: Number.MAX_SAFE_INTEGER, keptBytes: Number.MAX_SAFE_INTEGER };

/** Reads an imported bundle as if it came from a file: the same checks of hash and schema. */
export const loadImported = async ({ name, files }: BundleFiles, label: string): Promise<LoadedBundle> => {
  const intake = createIntake(limits, ({ path, referenceTime }, stream) =>
    summarizeLog(stream, { source: path, referenceTime }),
  );
  try {
    for (const { path, bytes } of files) {
      intake.countEntry(path);
      const sink = intake.file([name, ...path.split('/')], path, bytes.length);
      for (let at = 0; at < bytes.length; at += CHUNK) {
        sink.write(bytes.subarray(at, at + CHUNK));
        await intake.settled();
      }
      sink.end();
    }
    const taken = await intake.finish();
    return finishBundle(label, taken.header, taken.files, undefined);
  } finally {
    intake.abandon();
  }
};

const CHUNK = 256 * 1024;
