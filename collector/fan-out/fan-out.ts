import type { Manifest } from '../../schemas/index.js';
import { messageOf, OutputError, QuarantineError } from '../errors.js';
import type { RunPipe } from '../ports/pipe.js';
import { type Gathered, gather } from './gather.js';
import { keep, type KeepOptions } from './keep.js';
import { hostNamesIn, openReceived, type Received } from './received.js';
import type { Program } from './remote-command.js';
import type { HostState } from './states.js';
import type { Target, WayFailure } from './transport.js';

export interface FanOut {
  readonly via: 'ssh' | 'kubectl';
  readonly targets: readonly Target[];
  readonly failure: WayFailure;
  readonly program: Program;
  /** Arguments of the collector on every host. */
  readonly args: readonly string[];
  /** Hosts at work at the same time, at most. */
  readonly parallel: number;
  /** For everything up to the last byte that comes, ms. */
  readonly deadlineMs: number;
  /** `known` is what flags tell; the hosts are added. */
  readonly keep: KeepOptions;
}

export interface FanOutIo {
  readonly pipe: RunPipe;
  /** Ends it early: the collectors are told to stop, and what they read so far is taken. */
  readonly signal: AbortSignal;
  readonly onStage: (host: string, stage: string) => void;
}

/** What became of one host. */
export interface HostResult {
  readonly host: string;
  readonly state: HostState;
  readonly detail?: string;
  /** Of the collector there, or of the program that leads there. */
  readonly exitCode?: number;
  readonly elapsedMs: number;
  readonly bundle?: string;
  readonly map?: string;
  readonly bundleId?: string;
  /** First to last reading there, by its clock. */
  readonly times?: Pick<Manifest['times'], 'startedAt' | 'finishedAt'>;
  /** Its last words, where there is no bundle. */
  readonly lines?: readonly string[];
}

/** Most bytes taken from one host. It is held in memory, since names in it are not masked yet. */
const maxBytes = 128 * 1024 * 1024;
/** Before the deadline, and after an interruption: what the collectors get to write down what they have, ms. */
export const graceMs = 20_000;

const runAll = async <T, R>(items: readonly T[], parallel: number, work: (item: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as T);
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, worker));
  return results;
};

/** Asks all collectors to stop when their time is nearly over or somebody interrupts, and ends what still runs after that. */
const watchTime = (deadlineMs: number, signal: AbortSignal) => {
  const hangUp = new AbortController();
  const kill = new AbortController();
  const grace = Math.min(graceMs, deadlineMs / 4);
  const timers = [
    setTimeout(() => hangUp.abort(), deadlineMs - grace),
    setTimeout(() => kill.abort('deadline'), deadlineMs),
  ];
  const onInterrupt = (): void => {
    hangUp.abort();
    timers.push(setTimeout(() => kill.abort('interrupted'), grace));
  };
  if (signal.aborted) onInterrupt();
  else signal.addEventListener('abort', onInterrupt, { once: true });
  return {
    hangUp: hangUp.signal,
    kill: kill.signal,
    stop: () => {
      for (const timer of timers) clearTimeout(timer);
      signal.removeEventListener('abort', onInterrupt);
    },
  };
};

const baseOf = ({ target, elapsedMs, exitCode }: Gathered) => ({
  host: target.label,
  elapsedMs,
  ...(exitCode === undefined ? {} : { exitCode }),
});

interface Whole {
  readonly gathered: Gathered;
  readonly received: Received;
}

const open = async (gathered: Gathered, killed: AbortSignal): Promise<Whole | { readonly result: HostResult }> => {
  const { verdict, stdout, target, lines } = gathered;
  const words = lines.length === 0 ? {} : { lines };
  if (verdict !== undefined) return { result: { ...baseOf(gathered), ...verdict, ...words } };
  try {
    return { gathered, received: await openReceived(stdout, target.label) };
  } catch (error) {
    const cut = killed.aborted && gathered.exitCode !== 0;
    const state = cut ? (killed.reason === 'deadline' ? 'timed-out' : 'interrupted') : 'not-a-bundle';
    return { result: { ...baseOf(gathered), state, detail: messageOf(error), ...words } };
  }
};

const keepOne = async ({ gathered, received }: Whole, options: KeepOptions): Promise<HostResult> => {
  const { startedAt, finishedAt } = received.manifest.times;
  const base = { ...baseOf(gathered), bundleId: received.header.bundleId, times: { startedAt, finishedAt } };
  try {
    const { path, mapPath } = await keep(received, options);
    const state = gathered.exitCode === 0 ? 'ok' : 'partial';
    return { ...base, state, bundle: path, ...(mapPath === undefined ? {} : { map: mapPath }) };
  } catch (error) {
    if (error instanceof QuarantineError)
      return {
        ...base,
        state: 'quarantined',
        detail: error.message,
        ...(error.path === undefined ? {} : { bundle: error.path }),
      };
    return { ...base, state: error instanceof OutputError ? 'not-written' : 'not-a-bundle', detail: messageOf(error) };
  }
};

/**
 * Runs the collector on all hosts at once and keeps a bundle of each that sends one. A host that fails is a result like any other. Nothing
 * is masked or written before the last one is done: that takes the processor from streams, and a name that one host knows is masked in all.
 * Never rejects.
 */
export const fanOut = async (plan: FanOut, { pipe, signal, onStage }: FanOutIo): Promise<HostResult[]> => {
  const { targets, failure, program, args, parallel, deadlineMs } = plan;
  const time = watchTime(deadlineMs, signal);
  const { hangUp, kill } = time;
  const stage = (target: Target, text: string): void => onStage(target.label, text);
  const gathered = await runAll(targets, parallel, async (target): Promise<Gathered> => {
    if (!hangUp.aborted) {
      const done = await gather(target, { pipe, failure, program, args, hangUp, kill, maxBytes, onStage: stage });
      stage(target, done.verdict?.state ?? 'received');
      return done;
    }
    const state = signal.aborted ? 'interrupted' : 'timed-out';
    return {
      target,
      elapsedMs: 0,
      verdict: { state, detail: 'its turn did not come' },
      stdout: Buffer.alloc(0),
      lines: [],
    };
  });
  time.stop();
  const opened = await runAll(gathered, 1, (each) => open(each, kill));
  const names = opened.flatMap((each) => ('received' in each ? hostNamesIn(each.received) : []));
  const hosts = new Set([...targets.flatMap(({ identities }) => identities), ...names]);
  const known = [...plan.keep.known, ...[...hosts].map((text) => ({ kind: 'host' as const, text }))];
  const results = await runAll(opened, 1, async (each) => {
    if ('result' in each) return each.result;
    const result = await keepOne(each, { ...plan.keep, known });
    onStage(result.host, result.state);
    return result;
  });
  return results;
};

/** Exit code of a fan-out by what became of its hosts, as in the table of the README. */
export const exitCodeOf = (results: readonly HostResult[], stop: unknown): number => {
  if (stop === 'SIGINT') return 130;
  if (stop === 'SIGTERM') return 143;
  if (stop !== undefined) return 1;
  const states = new Set(results.map(({ state }) => state));
  if (states.has('quarantined')) return 5;
  if (states.has('not-written')) return 6;
  if (results.every(({ state }) => state === 'ok')) return 0;
  // 4 is what the collector says where no member answered.
  return results.some(({ state, exitCode }) => state === 'ok' || (state === 'partial' && exitCode !== 4)) ? 3 : 4;
};
