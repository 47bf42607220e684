import type { Readable } from 'node:stream';
import type { Argv } from 'yargs';
import type { AnalyzeOptions } from '../analyze.js';
import type { Report } from '../../schemas/index.js';
import type { Case } from '../bundle/case.js';
import type { Format } from '../report/formats.js';

/** The outside world of one run. */
export interface CliIo {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** Resolves when the text is taken; rejects when the reader is gone. */
  readonly stdout: (text: string) => Promise<void>;
  readonly stderr: (text: string) => void;
  readonly stdoutIsTTY: boolean;
  readonly columns: number | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/** What turns a case into a report and a report into text. */
export interface Engine {
  readonly analyze: (input: Case, options: AnalyzeOptions) => Report;
  readonly render: (report: Report, format: Format) => string;
}

export interface CommandContext {
  readonly io: CliIo;
  /** Loaded only when something is analysed: --help, explain and refusals stay quick. */
  readonly engine: () => Promise<Engine>;
}

/** Parsed arguments as yargs gives them; `flags.ts` reads them. */
export type Arguments = Readonly<Record<string, unknown>>;

/** One command of `etcd-analyze`; `index.ts` lists them. */
export interface Command {
  /** In yargs' form: `name <needed> [optional..]`, `$0 ...` for the one without a name. */
  readonly usage: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly examples?: readonly (readonly [line: string, what: string])[];
  /** Declares positionals and options. */
  readonly options: (yargs: Argv) => Argv;
  /** Checks the arguments, does the work, returns the exit code. Throws `UsageError` for arguments that make no sense. */
  readonly run: (argv: Arguments, context: CommandContext) => Promise<number>;
}
