import { forTerminal } from '../bundle/errors.js';
import { keepInputs, planOutput, writeAtomically } from '../output.js';
import { pageFormats } from '../report/formats.js';
import { formatsOf } from './analyze.js';
import { anyCluster, readBaselines, refuseOther, refuseStrangers } from './baseline.js';
import type { Arguments, Command } from './command.js';
import { filesOf, list, single, UsageError } from './flags.js';
import { readFiles, readOptions } from './read-files.js';
import { printable } from './terminal.js';

/** Baseline and current files: two bundles, or any number with --baseline. */
const sidesOf = (argv: Arguments): { readonly baselines: readonly string[]; readonly files: readonly string[] } => {
  const files = filesOf(argv);
  const baselines = list(argv.baseline);
  if (baselines.length > 0) return { baselines, files };
  const [first, ...rest] = files;
  if (first === undefined || rest.length !== 1)
    throw new UsageError(
      `diff takes two bundles, the good one first, and was given ${files.length}. For more than one on a side: diff --baseline GOOD --baseline GOOD NOW NOW.`,
    );
  return { baselines: [first], files: rest };
};

export const diffCommand: Command = {
  usage: 'diff [files..]',
  summary: 'Say what changed between a known-good bundle and this one (exit code 0: nothing relevant, 4: changed)',
  examples: [
    ['$0 diff good.tar.gz now.tar.gz', 'what is not as it was'],
    ['$0 diff --baseline mon.tar.gz --baseline tue.tar.gz now-*.tar.gz', 'several good ones, bundles of several nodes'],
  ],
  options: (yargs) =>
    readOptions(
      yargs
        .positional('files', { type: 'string', array: true, describe: 'GOOD NOW, or NOW... with --baseline' })
        .option('baseline', { type: 'string', requiresArg: true, describe: 'Known-good bundle; may be repeated' })
        .option('any-cluster', anyCluster)
        .option('format', {
          alias: 'f',
          type: 'string',
          requiresArg: true,
          describe: `Comparison as ${pageFormats.join(', ')}; may be repeated`,
        })
        .option('output', {
          alias: 'o',
          type: 'string',
          requiresArg: true,
          describe: 'File, or directory (ending in /) for several formats',
        }),
    ),
  run: async (argv, { io }) => {
    const { baselines, files } = sidesOf(argv);
    const output = single(argv, 'output');
    const chosen = formatsOf(argv, output, pageFormats);
    if (output === '-' && chosen.length > 1) throw new UsageError('Only one --format can go to standard output.');
    const outputs = await planOutput(chosen, files, output, 'diff');
    await keepInputs(outputs.values(), [...files, ...baselines]);
    const now = io.now();
    const good = await readBaselines(baselines, argv, io, now);
    if (typeof good === 'number') return good;
    const read = await readFiles(files, argv, io);
    if (typeof read === 'number') return read;
    if (argv['any-cluster'] !== true) refuseStrangers(read.bundles);
    const [{ buildCase }, { compareSnapshots, snapshotOf }, { renderDiff }] = await Promise.all([
      import('../bundle/merge.js'),
      import('../compare/index.js'),
      import('../report/render-diff.js'),
    ]);
    const current = buildCase(read.bundles, read.notes);
    if (argv['any-cluster'] !== true) refuseOther(good, current);
    const diff = compareSnapshots(good, snapshotOf(current, now), now);
    for (const [format, path] of outputs) {
      const text = renderDiff(diff, format);
      if (path === undefined) await io.stdout(io.stdoutIsTTY ? printable(text) : text);
      else {
        await writeAtomically(path, text);
        io.stderr(`wrote ${forTerminal(path)}\n`);
      }
    }
    return diff.changed ? 4 : 0;
  },
};
