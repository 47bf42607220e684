import { forTerminal } from '../bundle/errors.js';
import { keepInputs, planOutput, writeAtomically } from '../output.js';
import { type Format, formatOfName, formats } from '../report/formats.js';
import { anyCluster, refuseStrangers, withBaseline } from './baseline.js';
import type { Arguments, Command } from './command.js';
import { exitCodeOf, failLevels } from './exit-code.js';
import { filesOf, list, oneOf, single, UsageError } from './flags.js';
import { readFiles, readOptions } from './read-files.js';
import { summaryLine } from './summary.js';
import { colourOn, printable } from './terminal.js';

const namedFormats = (argv: Arguments): Format[] => {
  const names = list(argv.format).flatMap((entry) => entry.split(','));
  const chosen = new Set<Format>();
  for (const name of names) {
    const format = formats.find((known) => known === name);
    if (format === undefined)
      throw new UsageError(`--format ${JSON.stringify(name)} is not known; use ${formats.join(', ')}.`);
    chosen.add(format);
  }
  return [...chosen];
};

/** Formats in the order asked for; none when only the summary is wanted. */
export const formatsOf = (argv: Arguments, output: string | undefined, summary: boolean): readonly Format[] => {
  const named = namedFormats(argv);
  if (named.length > 0) return named;
  if (output !== undefined) {
    const byName = formatOfName(output);
    if (byName !== undefined) return [byName];
    return output.endsWith('/') ? ['html', 'markdown', 'json'] : ['markdown'];
  }
  return summary ? [] : ['markdown'];
};

export const analyzeCommand: Command = {
  usage: '$0 [files..]',
  summary: 'Say what is wrong with a cluster, offline, from bundles',
  examples: [
    ['$0 etcd-evidence_*.tar.gz', 'one report of the bundles of all nodes'],
    ['$0 bundle.tar.gz -o report.html', 'to read in a browser'],
    ['$0 --baseline good.tar.gz bundle.tar.gz', 'and what is not as it was when all was well'],
  ],
  options: (yargs) =>
    readOptions(
      yargs
        .positional('files', { type: 'string', array: true, describe: 'Bundles' })
        .option('format', {
          alias: 'f',
          type: 'string',
          requiresArg: true,
          describe: `Report as ${formats.join(', ')}; may be repeated`,
        })
        .option('output', {
          alias: 'o',
          type: 'string',
          requiresArg: true,
          describe: 'File, or directory (ending in /) for several formats',
        })
        .option('fail-on', {
          type: 'string',
          requiresArg: true,
          describe: 'Lowest severity for exit code 3 or 4: critical, warning (default), none',
        })
        .option('baseline', {
          type: 'string',
          requiresArg: true,
          describe: 'Known-good bundle of this cluster to compare with; may be repeated',
        })
        .option('any-cluster', anyCluster)
        .option('summary', { type: 'boolean', describe: 'Print the verdict in one line' }),
    ),
  run: async (argv, { io, engine }) => {
    const files = filesOf(argv);
    const baselines = list(argv.baseline);
    const output = single(argv, 'output');
    const summary = argv.summary === true;
    const chosen = formatsOf(argv, output, summary);
    const failOn = oneOf(argv, 'fail-on', failLevels, 'warning');
    const toStdout = output === '-' || (output === undefined && chosen.length === 1);
    if (summary && chosen.length > 0 && toStdout)
      throw new UsageError(
        '--summary and the report would both go to standard output; write the report to a file with --output.',
      );
    if (output === '-' && chosen.length > 1) throw new UsageError('Only one --format can go to standard output.');
    const outputs = await planOutput(chosen, files, output);
    await keepInputs(outputs.values(), [...files, ...baselines]);

    const read = await readFiles(files, argv, io);
    if (typeof read === 'number') return read;
    if (argv['any-cluster'] !== true) refuseStrangers(read.bundles);
    const { buildCase } = await import('../bundle/merge.js');
    const { analyze, render } = await engine();
    const input = buildCase(read.bundles, read.notes);
    const now = io.now();
    const alone = analyze(input, { now });
    const report = baselines.length === 0 ? alone : await withBaseline(alone, input, baselines, argv, io, now);
    if (typeof report === 'number') return report;
    for (const [format, path] of outputs) {
      const text = render(report, format);
      if (path === undefined) await io.stdout(io.stdoutIsTTY ? printable(text) : text);
      else {
        await writeAtomically(path, text);
        io.stderr(`wrote ${forTerminal(path)}\n`);
      }
    }
    if (summary) await io.stdout(`${summaryLine(report, colourOn(io))}\n`);
    return exitCodeOf(report, failOn);
  },
};
