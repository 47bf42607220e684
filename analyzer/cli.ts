import type { Readable } from 'node:stream';
import { styleText } from 'node:util';
import { type Report, readPackageVersion } from '../schemas/index.js';
import type { Case } from './bundle/case.js';
import { DamagedArchive, forTerminal } from './bundle/errors.js';
import type { LoadedBundle } from './bundle/loaded.js';
import { type AnalyzeCommand, type FailOn, type Format, parseCommand } from './cli-options.js';
import { failureOf, skippedNote } from './messages.js';
import { keepInputs, planOutput, writeAtomically } from './output.js';

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
  readonly analyze: (input: Case, options: { now: Date }) => Report;
  readonly renderHtml: (report: Report) => string;
  readonly renderMarkdown: (report: Report) => string;
}

// Loaded only when something is analysed: --help, explain and refusals stay quick.
const loadEngine = async (): Promise<Engine> => {
  const [{ analyze }, { renderHtml, renderMarkdown }] = await Promise.all([
    import('./analyze.js'),
    import('./report/index.js'),
  ]);
  return { analyze, renderHtml, renderMarkdown };
};

const INTERRUPTED = 130;

const severitiesOf = (findings: readonly { readonly severity: string }[]): Set<string> =>
  new Set(findings.map((finding) => finding.severity));

/**
 * Exit code of a report: 3 for a critical cause or symptom or `intervene-now`, 8 for `inconclusive`, 4 for lesser ones, else 0.
 * Risks and notices never change it: the end of life of a version does not make a healthy cluster fail. `failOn` leaves out 4
 * (`critical`) or 3 and 4 (`none`).
 */
export const exitCodeOf = (report: Report, failOn: FailOn): number => {
  const faults = severitiesOf([...report.diagnosis.causes, ...report.diagnosis.symptoms]);
  if (failOn !== 'none' && (report.verdict.kind === 'intervene-now' || faults.has('critical'))) return 3;
  if (report.verdict.kind === 'inconclusive') return 8;
  if (failOn === 'warning' && (faults.has('high') || faults.has('warning'))) return 4;
  return 0;
};

const colours = {
  'intervene-now': 'red',
  investigate: 'yellow',
  transient: 'yellow',
  healthy: 'green',
  inconclusive: 'magenta',
} as const;

/** Verdict and ranked causes in one line. */
export const summaryLine = (report: Report, colour: boolean): string => {
  const { verdict, diagnosis } = report;
  const kind = colour ? styleText(colours[verdict.kind], verdict.kind, { validateStream: false }) : verdict.kind;
  const causes = diagnosis.causes.slice(0, 3).map(({ rule, subjects, confidence }) => {
    const where = subjects
      .map((subject) => subject.name)
      .filter(Boolean)
      .slice(0, 3)
      .join(', ');
    return `${rule}${where === '' ? '' : ` on ${where}`} (${confidence.level} confidence)`;
  });
  const tail = causes.length === 0 ? '' : ` [${causes.join('; ')}]`;
  return `${kind}: ${forTerminal(verdict.headline)}${forTerminal(tail)}`;
};

const readAll = async (
  { files, identity, verifyKey }: AnalyzeCommand,
  io: CliIo,
): Promise<{ bundles: LoadedBundle[]; notes: string[] } | number> => {
  const { readBundle } = await import('./bundle/index.js');
  const { readIdentities, readVerifyKeys } = await import('./keys.js');
  const identities = await readIdentities(identity);
  const verifyKeys = readVerifyKeys(verifyKey);
  const bundles: LoadedBundle[] = [];
  const skipped: { file: string; error: DamagedArchive }[] = [];
  for (const file of files) {
    try {
      const input = file === '-' ? { stream: io.stdin, name: 'stdin' } : { path: file };
      bundles.push(await readBundle(input, { signal: io.signal, identities, verifyKeys }));
    } catch (error) {
      if (io.signal.aborted) return INTERRUPTED;
      if (error instanceof DamagedArchive) skipped.push({ file, error });
      else {
        const failure = failureOf(error, file);
        io.stderr(`${failure.text}\n`);
        return failure.exitCode;
      }
    }
  }
  const [first] = skipped;
  if (bundles.length === 0 && first !== undefined) {
    for (const { file, error } of skipped) io.stderr(`${failureOf(error, file).text}\n`);
    return failureOf(first.error).exitCode;
  }
  const notes = skipped.map(({ file, error }) => skippedNote(file, error));
  for (const note of notes) io.stderr(`${note}\n`);
  for (const { file, problems } of bundles) {
    if (problems.length > 0) io.stderr(`${forTerminal(file)} is not intact; what is intact is analysed:\n`);
    for (const problem of problems.slice(0, 10)) io.stderr(`  ${forTerminal(problem)}\n`);
    if (problems.length > 10) io.stderr(`  and ${problems.length - 10} more, named in the report\n`);
  }
  return { bundles, notes };
};

const render = (engine: Engine, report: Report, format: Format): string => {
  if (format === 'html') return engine.renderHtml(report);
  if (format === 'markdown') return engine.renderMarkdown(report);
  return `${JSON.stringify(report, null, 2)}\n`;
};

/** Text for a terminal: whatever a bundle brought along must not steer it. */
const printable = (text: string): string => text.replace(/[^\P{C}\n\t]/gu, '\ufffd');

const runAnalyze = async (given: AnalyzeCommand, io: CliIo, load: () => Promise<Engine>): Promise<number> => {
  const { expandDirectories } = await import('./bundle/expand.js');
  const command = { ...given, files: await expandDirectories(given.files) };
  if (command.files.includes('-') && io.stdin.isTTY === true) {
    io.stderr('Standard input is a terminal; pipe a bundle into it.\n');
    return 2;
  }
  const outputs = await planOutput(command.formats, command.files, command.output);
  await keepInputs(outputs.values(), command.files);
  const read = await readAll(command, io);
  if (typeof read === 'number') return read;
  const { buildCase } = await import('./bundle/merge.js');
  const engine = await load();
  const report = engine.analyze(buildCase(read.bundles, read.notes), { now: io.now() });
  for (const [format, path] of outputs) {
    const text = render(engine, report, format);
    if (path === undefined) await io.stdout(io.stdoutIsTTY ? printable(text) : text);
    else {
      await writeAtomically(path, text);
      io.stderr(`wrote ${forTerminal(path)}\n`);
    }
  }
  const colour = io.stdoutIsTTY && (io.env.NO_COLOR ?? '') === '';
  if (command.summary) await io.stdout(`${summaryLine(report, colour)}\n`);
  return exitCodeOf(report, command.failOn);
};

const listRules = async (): Promise<string> => {
  const { rules } = await import('./rules/index.js');
  return rules.map(({ id, title, category }) => `${category}\t${id}\t${title}\n`).join('');
};

/** Runs one command line (without node and script) and returns the exit code; never throws. */
export const runCli = async (
  args: readonly string[],
  io: CliIo,
  load: () => Promise<Engine> = loadEngine,
): Promise<number> => {
  try {
    const command = await parseCommand(args, readPackageVersion(), io.columns);
    if (command.command === 'analyze') return await runAnalyze(command, io, load);
    if (command.command === 'print') await io.stdout(command.text);
    else if (command.command === 'rules') await io.stdout(await listRules());
    else {
      const { explain } = await import('./explain.js');
      await io.stdout(explain(command.rule));
    }
    return 0;
  } catch (error) {
    if (io.signal.aborted) return INTERRUPTED;
    const failure = failureOf(error);
    io.stderr(`${failure.text}\n`);
    return failure.exitCode;
  }
};
