import { asciiTable } from '../report/ascii-table.js';
import type { Arguments, Command } from './command.js';
import { list, single, UsageError } from './flags.js';
import { readFiles, readOptions } from './read-files.js';
import { printable } from './terminal.js';

const names = ['status', 'members', 'health', 'alarms', 'metrics', 'logs', 'config', 'items'] as const;

const timeOf = (argv: Arguments): number | undefined => {
  const text = single(argv, 'around');
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at))
    throw new UsageError(`--around ${JSON.stringify(text)} is no time; write it as 2026-01-31T12:00:00Z.`);
  return at;
};

/** A metric's name cannot be a path with a dot or a slash, and files of bundles have one or are directories named so. */
const looksLikeMetric = (text: string): boolean => /^[a-z_:][a-z0-9_:]*$/.test(text);

export const showCommand: Command = {
  usage: 'show <what> [names..]',
  summary: `Print a table of a bundle: ${names.join(', ')}`,
  examples: [
    ['$0 show status bundle.tar.gz', 'the columns of etcdctl endpoint status'],
    [
      '$0 show metrics etcd_disk_wal_fsync_duration_seconds bundle.tar.gz',
      'its buckets, in the window and since the start',
    ],
    ['$0 show logs --member m1 --around 2026-01-31T12:00:00Z bundle.tar.gz', 'warnings and errors of that time'],
  ],
  options: (yargs) =>
    readOptions(
      yargs
        .positional('what', { type: 'string', describe: names.join(', ') })
        .positional('names', { type: 'string', array: true, describe: 'Bundles; before them the name of a metric' })
        .option('member', { type: 'string', requiresArg: true, describe: 'Only this member (name or id)' })
        .option('around', {
          type: 'string',
          requiresArg: true,
          describe: 'Logs: five minutes before and after this time',
        })
        .option('grep', { type: 'string', requiresArg: true, describe: 'Logs: part of a signature or of a line' })
        .option('json', { type: 'boolean', describe: 'As JSON' }),
    ),
  run: async (argv, { io }) => {
    const [asked] = list(argv.what);
    const what = names.find((name) => name === asked);
    if (what === undefined)
      throw new UsageError(`There is nothing to show under ${JSON.stringify(asked)}; use ${names.join(', ')}.`);
    const rest = list(argv.names);
    const [first] = rest;
    const name = what === 'metrics' && first !== undefined && looksLikeMetric(first) ? first : undefined;
    const files = name === undefined ? rest : rest.slice(1);
    if (files.length === 0)
      throw new UsageError('No bundle was named. Give the path of a .tar.gz that etcd-collect wrote.');
    const member = single(argv, 'member');
    const around = timeOf(argv);
    const grep = single(argv, 'grep');
    const read = await readFiles(files, argv, io);
    if (typeof read === 'number') return read;
    const [{ buildCase }, { analyze }, { createFacts }, { views }] = await Promise.all([
      import('../bundle/merge.js'),
      import('../analyze.js'),
      import('../facts/index.js'),
      import('../show/index.js'),
    ]);
    const input = buildCase(read.bundles, read.notes);
    const report = analyze(input, { now: io.now() });
    if (member !== undefined && !report.members.some(({ id, name: called }) => id === member || called === member))
      throw new UsageError(
        `There is no member ${JSON.stringify(member)}; there are ${report.members.map(({ id, name: called }) => called || id).join(', ')}.`,
      );
    const shown = views[what]({
      facts: createFacts(input),
      report,
      ...(member === undefined ? {} : { member }),
      ...(name === undefined ? {} : { name }),
      ...(around === undefined ? {} : { around }),
      ...(grep === undefined ? {} : { grep }),
    });
    const text =
      argv.json === true
        ? `${JSON.stringify(shown.json, null, 2)}\n`
        : `${asciiTable(shown.titles, shown.rows)}\n${shown.note === undefined || shown.note === '' ? '' : `${shown.note}\n`}`;
    await io.stdout(io.stdoutIsTTY ? printable(text) : text);
    return 0;
  },
};
