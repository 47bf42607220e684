import { basename, join } from 'node:path';
import { stat } from 'node:fs/promises';
import { DamagedArchive, forTerminal } from '../bundle/errors.js';
import { failureOf } from '../messages.js';
import { keepInputs, writeAtomically } from '../output.js';
import type { Command } from './command.js';
import { filesOf, single, UsageError } from './flags.js';

/** A directory gets the name that bundles have; another name says itself that nothing was masked. */
const targetOf = async (out: string, name: string): Promise<string> => {
  const isDirectory =
    out.endsWith('/') ||
    (await stat(out).then(
      (stats) => stats.isDirectory(),
      () => false,
    ));
  if (isDirectory) return join(out, `${name}.tar.gz`);
  const plain = out.replace(/\.(?:tar\.gz|tgz)$/, '');
  return `${plain.endsWith('_UNREDACTED') ? plain : `${plain}_UNREDACTED`}.tar.gz`;
};

export const importCommand: Command = {
  usage: 'import <files..>',
  summary: 'Keep evidence of other tools (logs, scrapes, etcdctl output, must-gather, ...) as a bundle',
  examples: [
    ['$0 import must-gather.tar.gz --out case/', 'a bundle of what is recognised'],
    ['$0 import m1.log m1-*.prom status.json --out case.tar.gz', 'loose files of one cluster'],
  ],
  options: (yargs) =>
    yargs
      .positional('files', {
        type: 'string',
        array: true,
        describe: 'Files, archives, directories, or - for standard input',
      })
      .option('out', {
        alias: 'o',
        type: 'string',
        requiresArg: true,
        demandOption: 'Name the bundle with --out FILE.tar.gz, or a directory.',
        describe: 'Bundle to write; its name gets _UNREDACTED, since nothing is masked',
      }),
  run: async (argv, { io }) => {
    const files = filesOf(argv);
    const out = single(argv, 'out') ?? '';
    const { openInput } = await import('../import/open.js');
    const { importAll } = await import('./import-all.js');
    const { archiveOf } = await import('../import/write.js');
    const inputs = [];
    for (const file of files) {
      const opened = await openInput(file, io.stdin, { signed: false, signal: io.signal });
      if (!('foreign' in opened))
        throw new UsageError(`${file} is a bundle already (or empty); import takes evidence of other tools.`);
      inputs.push(opened.foreign);
    }
    let made: Awaited<ReturnType<typeof importAll>>['made'];
    try {
      ({ made } = await importAll(inputs, io));
    } catch (error) {
      if (!(error instanceof DamagedArchive)) throw error;
      const failure = failureOf(error, files.map((file) => basename(file)).join(', '));
      io.stderr(`${failure.text}\n`);
      return failure.exitCode;
    }
    const target = await targetOf(out, made.name);
    await keepInputs([target], files);
    await writeAtomically(target, archiveOf(made));
    io.stderr(
      `wrote ${forTerminal(target)}\nNothing in it is masked. Before it leaves the site: etcd-collect redact ${forTerminal(target)} -o OUT.tar.gz\n`,
    );
    return 0;
  },
};
