import { Readable } from 'node:stream';
import { runCli } from '../../analyzer/cli.js';
import type { CliIo, Engine } from '../../analyzer/commands/command.js';

/** One run of `etcd-analyze` in this process: exit code and what it wrote. */
export interface AnalyzerRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line on an empty standard input, far from any terminal, at the begin of 1970; `more` says otherwise. */
export const runAnalyzer = async (
  args: readonly string[],
  more: Partial<CliIo> = {},
  engine?: Engine,
): Promise<AnalyzerRun> => {
  let [out, err] = ['', ''];
  const io: CliIo = {
    stdin: Readable.from([]),
    stdout: (text) => {
      out += text;
      return Promise.resolve();
    },
    stderr: (text) => {
      err += text;
    },
    stdoutIsTTY: false,
    columns: 100,
    env: {},
    now: () => new Date(0),
    signal: new AbortController().signal,
    ...more,
  };
  const code = await (engine === undefined ? runCli(args, io) : runCli(args, io, () => Promise.resolve(engine)));
  return { code, out, err };
};
