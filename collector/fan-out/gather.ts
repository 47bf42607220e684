import type { PipeEnd, RunPipe } from '../ports/pipe.js';
import { type Program, remoteCommand } from './remote-command.js';
import type { Verdict } from './states.js';
import { commandFailure, type Target, type WayFailure } from './transport.js';

export interface GatherOptions {
  readonly pipe: RunPipe;
  readonly failure: WayFailure;
  readonly program: Program;
  /** Arguments of the collector; `{name}` stands for a value of the target. */
  readonly args: readonly string[];
  readonly hangUp: AbortSignal;
  readonly kill: AbortSignal;
  readonly maxBytes: number;
  /** What the host is at, in words. */
  readonly onStage: (target: Target, stage: string) => void;
}

/** What came from one host; a bundle only when there is no verdict. */
export interface Gathered {
  readonly target: Target;
  readonly elapsedMs: number;
  readonly verdict?: Verdict;
  readonly exitCode?: number;
  readonly stdout: Buffer;
  /** The last lines that the other side said. */
  readonly lines: readonly string[];
}

/** Lines kept of what the other side says. */
const keptLines = 12;

/** Puts the values of a target in place of `{name}`; braces that name none stay. */
export const fill = (argument: string, values: Readonly<Record<string, string>>): string =>
  argument.replace(/\{([a-z]+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );

/** The collector there reports its progress in lines of JSON. `undefined`: a line for people; empty: nothing new. */
const stageOf = (line: string): string | undefined => {
  if (!line.startsWith('{"event":"')) return undefined;
  try {
    const { event, round, of } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    if (event === 'round') return `round ${Number(round) + 1} of ${Number(of)}`;
    if (event === 'writing') return 'writing';
    return event === 'planned' ? 'reading' : '';
  } catch {
    return undefined;
  }
};

const verdictOf = (
  end: PipeEnd,
  lines: readonly string[],
  { failure, program, kill }: GatherOptions,
): Verdict | undefined => {
  if (end.started !== 'yes')
    return { state: 'unreachable', detail: 'the program that leads there could not be started' };
  if (end.tooLarge) return { state: 'not-a-bundle', detail: 'more came than a bundle may have' };
  if (kill.aborted && end.code !== 0) {
    // The bundle may have come before the end did: then it is looked at.
    if (end.stdout.length > 0) return undefined;
    return { state: kill.reason === 'deadline' ? 'timed-out' : 'interrupted' };
  }
  return failure(end, lines) ?? commandFailure(end, lines, program.kind);
};

/** Runs the collector on one host and takes what it sends. Never rejects. */
export const gather = async (target: Target, options: GatherOptions): Promise<Gathered> => {
  const { pipe, program, args, hangUp, kill, maxBytes, onStage } = options;
  const begin = performance.now();
  const lines: string[] = [];
  let receiving = false;
  const { command, input } = remoteCommand(
    program,
    args.map((argument) => fill(argument, target.values)),
  );
  const { file, args: way } = target.reach(command);
  onStage(target, 'connecting');
  const end = await pipe(file, way, {
    input,
    hangUp,
    kill,
    maxBytes,
    onOutput: () => {
      if (!receiving) onStage(target, 'receiving');
      receiving = true;
    },
    onLine: (line) => {
      const stage = stageOf(line);
      if (stage !== undefined) {
        if (stage !== '') onStage(target, stage);
      } else if (line.trim() !== '') {
        lines.push(line.replace(/[^\x20-\x7e]/g, '?'));
        if (lines.length > keptLines) lines.shift();
      }
    },
  });
  const verdict = verdictOf(end, lines, options);
  return {
    target,
    elapsedMs: Math.round(performance.now() - begin),
    ...(verdict === undefined ? {} : { verdict }),
    ...(end.code === undefined ? {} : { exitCode: end.code }),
    stdout: verdict === undefined ? end.stdout : Buffer.alloc(0),
    lines,
  };
};
