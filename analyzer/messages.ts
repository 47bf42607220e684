import {
  DamagedArchive,
  forTerminal,
  LockedBundle,
  UnrecognisedInput,
  UnreadableInput,
  UnsafeArchive,
  UnsupportedFormat,
  UntrustedBundle,
} from './bundle/errors.js';
import { UsageError } from './commands/flags.js';
import { OutputError } from './output.js';

export interface Failure {
  /** See the table of exit codes in the README. */
  readonly exitCode: number;
  /** What happened, what it means, what to do next; plain text without trailing newline. */
  readonly text: string;
}

const lines = (...parts: readonly string[]): string => parts.join('\n');

const unsafe = (error: UnsafeArchive, file: string): Failure => ({
  exitCode: 5,
  text: lines(
    `${file}: refused as unsafe: ${error.message}`,
    'No collector writes such an archive; nothing in it was used and nothing was written.',
    'Ask the sender for the original file and compare its checksum.',
  ),
});

const untrusted = (error: UntrustedBundle, file: string): Failure => ({
  exitCode: 5,
  text: lines(
    `${file}: refused: ${error.message}.`,
    '--verify-key asks for bundles that are exactly what that key signed; nothing was analysed and nothing was written.',
    'Ask the sender for bundle and .sig again and for the id of the key, over another channel. Without --verify-key signatures are not checked.',
  ),
});

const locked = (error: LockedBundle, file: string): Failure => ({
  exitCode: 2,
  text: lines(`${file} ${error.message}.`, 'Nothing was analysed.', error.advice),
});

const damaged = (error: DamagedArchive, file: string): Failure => ({
  exitCode: 6,
  text: lines(
    `${file}: ${error.message}.`,
    'Nothing in it could be analysed.',
    'Copy the bundle again from where it was collected (in binary mode, whole), or collect anew with etcd-collect.',
  ),
});

const unrecognised = (error: UnrecognisedInput, file: string): Failure => ({
  exitCode: 6,
  text: lines(
    `${file}: ${forTerminal(error.message)}.`,
    ...error.problems.slice(1, 6).map((problem) => `  ${forTerminal(problem)}`),
    'Nothing in it could be analysed.',
    'Known are bundles, server logs, /metrics, etcdctl output (any -w form), archives of must-gather, Rancher, Troubleshoot, Talos and sos, kubectl get -o json|yaml and Prometheus JSON: docs/import.md.',
  ),
});

const newer = (error: UnsupportedFormat, file: string): Failure => ({
  exitCode: 7,
  text: lines(
    `${file}: ${error.message}.`,
    'It was written by a newer etcd-collect.',
    `Analyse it with an etcd-analyze that reads format ${error.needed}.`,
  ),
});

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  ENOSPC: 'no space left on the device',
  EROFS: 'the file system is read-only',
  ELOOP: 'is a symbolic link',
};

const inWords = (code: string): string => reasons[code] ?? code;

const unreadable = (error: UnreadableInput, file: string): Failure => ({
  exitCode: 2,
  text: lines(`${file}: ${inWords(error.code)}.`, 'Nothing was analysed. Check the path and who may read it.'),
});

const notWritten = (error: OutputError): Failure => ({
  exitCode: 1,
  text: lines(
    `${forTerminal(error.path)}: the report could not be written: ${inWords(error.code)}.`,
    'The analysis itself went well. Name another place with --output, or leave it out to print the report.',
  ),
});

/** Turns an error that reached the edge into help for the person at the terminal, with the exit code. */
export const failureOf = (error: unknown, file?: string): Failure => {
  const name = file === undefined ? 'input' : forTerminal(file);
  if (error instanceof UsageError)
    return { exitCode: 2, text: lines(...error.message.split('\n').map(forTerminal), 'See etcd-analyze --help.') };
  if (error instanceof UnsafeArchive) return unsafe(error, name);
  if (error instanceof UntrustedBundle) return untrusted(error, name);
  if (error instanceof LockedBundle) return locked(error, name);
  if (error instanceof UnrecognisedInput) return unrecognised(error, name);
  if (error instanceof DamagedArchive) return damaged(error, name);
  if (error instanceof UnsupportedFormat) return newer(error, name);
  if (error instanceof UnreadableInput) return unreadable(error, name);
  if (error instanceof OutputError) return notWritten(error);
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    exitCode: 1,
    text: lines(
      'etcd-analyze failed inside; this is a defect of the tool, not of your cluster.',
      ...detail.split('\n').slice(0, 8).map(forTerminal),
      'Please report it with the lines above. They hold no content of the bundle beyond what they show.',
    ),
  };
};

/** One input of several gave nothing while the others did. */
export const skippedNote = (file: string, error: DamagedArchive): string =>
  `${forTerminal(file)} could not be used: ${error.message}.`;
