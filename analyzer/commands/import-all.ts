import { forTerminal } from '../bundle/errors.js';
import type { LoadedBundle } from '../bundle/loaded.js';
import { type BundleFiles, type ForeignInput, importFiles } from '../import/index.js';
import { loadImported } from '../import/load.js';
import type { CliIo } from './command.js';

const SHOWN = 10;

/** Says on stderr what was recognised and what was not. */
const tell = ({ manifest }: BundleFiles, io: CliIo): void => {
  const { sources, left } = manifest.imported ?? { sources: [], left: [] };
  for (const { file, form } of sources.slice(0, SHOWN))
    io.stderr(`imported ${forTerminal(file)}: ${forTerminal(form)}\n`);
  if (sources.length > SHOWN) io.stderr(`  and ${sources.length - SHOWN} more, named in the report\n`);
  for (const { file, reason } of left.slice(0, SHOWN))
    io.stderr(`not used ${forTerminal(file)}: ${forTerminal(reason)}\n`);
  if (left.length > SHOWN) io.stderr(`  and ${left.length - SHOWN} more, named in the report\n`);
};

/** One bundle of all inputs that are none. Throws what `importFiles` throws. */
export const importAll = async (
  inputs: readonly ForeignInput[],
  io: CliIo,
): Promise<{ readonly made: BundleFiles; readonly bundle: LoadedBundle }> => {
  const made = await importFiles(inputs, { now: io.now(), signal: io.signal });
  tell(made, io);
  return { made, bundle: await loadImported(made, 'import') };
};
