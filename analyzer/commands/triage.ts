import { availableParallelism, freemem } from 'node:os';
import { keepInputs, writeAtomically } from '../output.js';
import { forTerminal } from '../bundle/errors.js';
import type { Command } from './command.js';
import { failLevels } from './exit-code.js';
import { filesOf, list, oneOf, single, UsageError } from './flags.js';
import { readOptions } from './read-files.js';
import { printable } from './terminal.js';

const forms = ['table', 'markdown', 'jsonl'] as const;

/** A usual case needs some hundred MiB: no more threads than have room. Own estimate. */
const ROOM_BYTES = 768 * 1024 ** 2;

const jobsOf = (text: string | undefined): number => {
  if (text === undefined) return Math.max(1, Math.min(availableParallelism(), Math.floor(freemem() / ROOM_BYTES)));
  const jobs = Number(text);
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > 256)
    throw new UsageError(`--jobs ${JSON.stringify(text)} is no number of threads; use 1 to 256.`);
  return jobs;
};

/** Progress that overwrites itself on a terminal, and a line now and then elsewhere. */
const progressTo = (stderr: (text: string) => void, tty: boolean) => {
  let last = 0;
  return (pass: string, done: number, of: number): void => {
    const now = Date.now();
    if (done < of && now - last < (tty ? 200 : 10_000)) return;
    last = now;
    stderr(tty ? `\r${pass} ${done} of ${of}${done === of ? '\n' : ''}` : `${pass} ${done} of ${of}\n`);
  };
};

export const triageCommand: Command = {
  usage: 'triage [files..]',
  summary:
    'Triage a directory of cases into one table (exit code: the worst case, in the order 1, 3, 5, 2, 7, 6, 8, 4, 0)',
  examples: [
    ['$0 triage cases/', 'every bundle below, bundles of one cluster at one time as one case'],
    ['$0 triage --format jsonl cases/ | jq -r "select(.exitCode == 3).case"', 'the urgent ones'],
  ],
  options: (yargs) =>
    readOptions(
      yargs
        .positional('files', { type: 'string', array: true, describe: 'Bundles, or directories of bundles' })
        .option('format', {
          alias: 'f',
          type: 'string',
          requiresArg: true,
          describe: `${forms.join(', ')}; default table on a terminal, else markdown`,
        })
        .option('output', { alias: 'o', type: 'string', requiresArg: true, describe: 'File' })
        .option('jobs', {
          type: 'string',
          requiresArg: true,
          describe: 'Cases at once; default by CPUs and free memory',
        })
        .option('fail-on', {
          type: 'string',
          requiresArg: true,
          describe: 'Lowest severity for exit code 3 or 4: critical, warning (default), none',
        }),
    ),
  run: async (argv, { io }) => {
    const paths = filesOf(argv);
    if (paths.includes('-')) throw new UsageError('triage reads files and directories, not standard input.');
    const output = single(argv, 'output');
    const form = oneOf(argv, 'format', forms, io.stdoutIsTTY && output === undefined ? 'table' : 'markdown');
    const jobs = jobsOf(single(argv, 'jobs'));
    const failOn = oneOf(argv, 'fail-on', failLevels, 'warning');
    const { readIdentities, readVerifyKeys } = await import('../keys.js');
    const identities = await readIdentities(list(argv.identity));
    const verifyKeys = readVerifyKeys(list(argv['verify-key']));
    const [{ findBundles }, { createPool }, { triage }, { markdownTable, textTable }, { worstCode }] =
      await Promise.all([
        import('../triage/find-bundles.js'),
        import('../triage/pool.js'),
        import('../triage/triage.js'),
        import('../triage/table.js'),
        import('../triage/row.js'),
      ]);
    const files = await findBundles(paths);
    if (files.length === 0)
      throw new UsageError(
        `No bundle is below ${paths.map(forTerminal).join(', ')}: no .tar.gz, .tgz, .tar, the same with .age, or unpacked bundle.`,
      );
    if (output !== undefined) await keepInputs([output], files);
    const pool = createPool(Math.min(jobs, files.length), {
      role: 'triage',
      identities,
      verifyKeys,
      failOn,
      now: io.now().getTime(),
    });
    const stop = (): void => void pool.close();
    io.signal.addEventListener('abort', stop);
    const lines: string[] = [];
    try {
      const rows = await triage(files, {
        pool,
        signal: io.signal,
        progress: progressTo(io.stderr, io.stdoutIsTTY),
        onRow: async (row) => {
          if (form !== 'jsonl') return;
          const line = `${JSON.stringify(row)}\n`;
          if (output === undefined) await io.stdout(line);
          else lines.push(line);
        },
      });
      const text =
        form === 'jsonl' ? lines.join('') : form === 'markdown' ? markdownTable(rows) : printable(textTable(rows));
      if (output !== undefined) {
        await writeAtomically(output, text);
        io.stderr(`wrote ${forTerminal(output)}\n`);
      } else if (text !== '') await io.stdout(io.stdoutIsTTY ? printable(text) : text);
      return worstCode(rows.map(({ exitCode }) => exitCode));
    } finally {
      io.signal.removeEventListener('abort', stop);
      await pool.close();
    }
  },
};
