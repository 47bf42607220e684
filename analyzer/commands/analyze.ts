import { basename } from 'node:path';
import type { AnalyzeOptions } from '../analyze.js';
import { forTerminal } from '../bundle/errors.js';
import { expandDirectories } from '../bundle/expand.js';
import { keepInputs, planOutput, writeAtomically } from '../output.js';
import { type Format, formatOfName, formats, type PageFormat, pageFormats, publicFormats } from '../report/formats.js';
import { anyCluster, refuseStrangers, withBaseline } from './baseline.js';
import type { Arguments, Command } from './command.js';
import { exitCodeOf, failLevels } from './exit-code.js';
import { filesOf, list, oneOf, single, UsageError } from './flags.js';
import { type ReadFiles, readFiles, readOptions } from './read-files.js';
import { summaryLine } from './summary.js';
import { colourOn, printable } from './terminal.js';

const namedFormats = <F extends Format>(argv: Arguments, formats: readonly F[]): F[] => {
  const names = list(argv.format).flatMap((entry) => entry.split(','));
  const chosen = new Set<F>();
  for (const name of names) {
    const format = formats.find((known) => known === name);
    if (format === undefined)
      throw new UsageError(`--format ${JSON.stringify(name)} is not known; use ${formats.join(', ')}.`);
    chosen.add(format);
  }
  return [...chosen];
};

/** Formats out of `formats` in the order asked for; none when only the summary is wanted. */
export const formatsOf = <F extends Format>(
  argv: Arguments,
  output: string | undefined,
  formats: readonly (F | PageFormat)[],
  summary = false,
): readonly (F | PageFormat)[] => {
  const named = namedFormats(argv, formats);
  if (named.length > 0) return named;
  if (output !== undefined) {
    const asked = formatOfName(output);
    const byName = formats.find((known) => known === asked);
    if (byName !== undefined) return [byName];
    return output.endsWith('/') ? pageFormats : ['markdown'];
  }
  return summary ? [] : ['markdown'];
};

/** What the user set for the judging itself; loaded only when it was. */
const judgingOptions = async (argv: Arguments): Promise<Omit<AnalyzeOptions, 'now'>> => {
  const [thresholds, policy] = [single(argv, 'thresholds'), single(argv, 'policy')];
  return {
    ...(thresholds === undefined
      ? {}
      : { thresholds: (await import('../thresholds-file.js')).readThresholds(thresholds) }),
    ...(policy === undefined ? {} : { policy: (await import('../policy-file.js')).readPolicy(policy) }),
  };
};

/** What goes to a public place must have been masked before: a report cannot be masked afterwards. Throws `UsageError`. */
const refusePublic = (chosen: readonly Format[], bundles: ReadFiles['bundles']): void => {
  const format = chosen.find((each) => publicFormats.includes(each));
  const open = bundles.find(({ header }) => header.redaction !== 'standard');
  if (format === undefined || open === undefined) return;
  throw new UsageError(
    `--format ${format} is for a public place and ${basename(open.file)} was not masked: etcd-collect redact FILE -o OUT, or --allow-unredacted.`,
  );
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
        .option('thresholds', {
          type: 'string',
          requiresArg: true,
          describe: 'File with thresholds of your own (JSON or YAML), each with a reason',
        })
        .option('policy', {
          type: 'string',
          requiresArg: true,
          describe: 'File that says when to intervene, how long to diagnose, whom to call (see etcd-analyze policy)',
        })
        .option('allow-unredacted', {
          type: 'boolean',
          describe: 'Write a report for a public place although the bundle was not masked',
        })
        .option('summary', { type: 'boolean', describe: 'Print the verdict in one line' }),
    ),
  run: async (argv, { io, engine }) => {
    const files = await expandDirectories(filesOf(argv));
    const baselines = list(argv.baseline);
    const output = single(argv, 'output');
    const summary = argv.summary === true;
    const chosen = formatsOf(argv, output, formats, summary);
    const failOn = oneOf(argv, 'fail-on', failLevels, 'warning');
    const toStdout = output === '-' || (output === undefined && chosen.length === 1);
    if (summary && chosen.length > 0 && toStdout)
      throw new UsageError(
        '--summary and the report would both go to standard output; write the report to a file with --output.',
      );
    if (output === '-' && chosen.length > 1) throw new UsageError('Only one --format can go to standard output.');
    const outputs = await planOutput(chosen, files, output);
    await keepInputs(outputs.values(), [...files, ...baselines]);

    const judging = await judgingOptions(argv);
    const read = await readFiles(files, argv, io);
    if (typeof read === 'number') return read;
    if (argv['any-cluster'] !== true) refuseStrangers(read.bundles);
    const { buildCase } = await import('../bundle/merge.js');
    if (argv['allow-unredacted'] !== true) refusePublic(chosen, read.bundles);
    const { analyze, render } = await engine();
    const input = buildCase(read.bundles, read.notes);
    const now = io.now();
    const alone = analyze(input, { ...judging, now });
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
