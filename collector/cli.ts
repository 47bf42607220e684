import { collect, type CollectOutcome, plan } from './collect.js';
import { removeTemporaryFiles } from './bundle/temporary.js';
import { optionsFrom } from './cli/options.js';
import { fanOutCommand } from './cli/fan-out.js';
import { recordOptionsFrom } from './cli/record-options.js';
import { parseArguments } from './cli/parse.js';
import { accessTable } from './cli/access-table.js';
import { planTable } from './cli/plan-table.js';
import { summary } from './cli/tables.js';
import { unknownVariables } from './cli/environment.js';
import { privacyLines } from './cli/privacy-options.js';
import { privacyCommand, undoneBy } from './cli/privacy.js';
import { messageOf, OutputError, QuarantineError, UsageError } from './errors.js';
import { packageVersion, realIo } from './io.js';
import { leave } from './leave.js';
import { deadMounts } from './ports/dead-mounts.js';
import { ProbeError } from './probe.js';
import { record, sealRing } from './record/record.js';
import { createProgress } from './progress.js';
import type { StopReason } from './run-probe.js';
import { redactText } from './redact/text.js';

type Env = Readonly<Record<string, string | undefined>>;

const exitCodes = { SIGINT: 130, SIGTERM: 143, error: 1 } as const;

const say = (text: string): void => {
  process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
};

/**
 * The first signal ends the run early with a partial bundle, the second one the process. An error outside every probe
 * (a library's own socket, say) is treated like the first: what was read is still written.
 */
const watchProcess = (
  recording = false,
): { signal: AbortSignal; halt: AbortSignal; onStdinEnd: () => void; stop: () => void } => {
  const controller = new AbortController();
  // Ctrl-C is how a recording without a condition ends: the first one only stops the rounds.
  const halt = new AbortController();
  const end = (reason: keyof typeof exitCodes, text: string): void => {
    if (controller.signal.aborted) {
      removeTemporaryFiles();
      leave(exitCodes[reason]);
    }
    say(text);
    controller.abort(reason satisfies StopReason);
  };
  const onInterrupt = (): void => {
    if (recording && !halt.signal.aborted) {
      say('\nStopping the recording (again: write the bundle without the state of now).');
      halt.abort();
      return;
    }
    end('SIGINT', '\nInterrupted: writing what was read so far (again: leave at once, without a bundle).');
  };
  const onTerminate = (): void => end('SIGTERM', 'Terminated: writing what was read so far.');
  const onError = (error: unknown): void =>
    end('error', `internal error: ${redactText(messageOf(error)).value}; writing what was read so far`);
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  // A lost connection must not cost the bundle.
  process.on('SIGHUP', onTerminate);
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  return {
    signal: controller.signal,
    halt: halt.signal,
    onStdinEnd: () => {
      // Once only: whoever hung up does so once, and a signal may have come before.
      if (!controller.signal.aborted) end('SIGINT', 'Standard input ended: writing what was read so far.');
    },
    stop: () => {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
      process.off('SIGHUP', onTerminate);
      process.off('uncaughtException', onError);
      process.off('unhandledRejection', onError);
    },
  };
};

const report = (error: unknown, args: readonly string[]): number => {
  const undone = undoneBy(args) ?? 'Nothing was collected.';
  if (error instanceof UsageError) {
    say(`etcd-collect: ${error.message}.`);
    say(`${undone}${error.advice === undefined ? '' : ` To go on: ${error.advice}.`}`);
    return 2;
  }
  if (error instanceof ProbeError) {
    // Only opening the files of the options throws one this far out.
    say(
      `etcd-collect: ${redactText(error.message).value}.\nNothing was collected. To go on: check the paths of the flags.`,
    );
    return 2;
  }
  if (error instanceof QuarantineError) {
    say(`etcd-collect: the finished bundle still holds what should have been removed: ${error.message}.`);
    say(
      error.path === undefined
        ? 'Nothing was written. To go on: please report the rules above; --redact-word names a text to remove.'
        : `It was put aside as ${error.path}: do not send it. To go on: please report the rules above; --redact-word names a text to remove.`,
    );
    return 5;
  }
  if (error instanceof OutputError) {
    const device = error.device === undefined ? '' : ` (device ${error.device})`;
    say(`etcd-collect: the bundle cannot be written to ${error.path}${device}: ${error.message}.`);
    say(
      'There is no bundle. To go on: name another place with -o DIR/, stream it (-o - > FILE, or | ssh HOST), or free space there.',
    );
    return 6;
  }
  say(
    `etcd-collect: internal error: ${redactText(error instanceof Error ? (error.stack ?? error.message) : String(error)).value}`,
  );
  say('There is no bundle. Please report this with the text above.');
  return 1;
};

/** The summary with real names: it stays here. The name of the bundle is kept as it is. */
const ownSummary = (outcome: CollectOutcome): string => {
  const text = summary(outcome);
  const { privacy, path } = outcome;
  if (privacy === undefined) return text;
  return path === undefined ? privacy.reveal(text) : text.split(path).map(privacy.reveal).join(path);
};

/** Flags and environment to exit code; data on stdout, everything else on stderr. Never rejects. */
export const main = async (args: readonly string[], env: Env): Promise<number> => {
  try {
    const asked = await privacyCommand(args, env);
    if (asked !== undefined) return asked;
    if (args[0] === 'fan-out') {
      const watch = watchProcess();
      try {
        return await fanOutCommand(args.slice(1), env, watch.signal);
      } finally {
        watch.stop();
      }
    }
    const parsed = await parseArguments(args, packageVersion());
    if (parsed.command === 'text') {
      process.stdout.write(`${parsed.text}\n`);
      return 0;
    }
    // Before any path is looked at.
    await deadMounts.looked('/');
    const recording = parsed.command === 'record' ? recordOptionsFrom(parsed.flags, env) : undefined;
    const options = recording?.collect ?? optionsFrom(parsed.flags, env);
    for (const name of unknownVariables(env)) say(`note: ${name} is set and ignored`);
    const watch = watchProcess(parsed.command === 'record');
    if (parsed.flags['stop-with-stdin'] === true) process.stdin.once('end', watch.onStdinEnd).resume();
    const progress = createProgress(parsed.command === 'plan' ? 'none' : options.progress, process.stderr, env);
    // The monotonic clock starts with the process: loading the program is part of the wait.
    const io = realIo({ signal: watch.signal, emit: progress.emit, begunAt: 0 });
    try {
      if (parsed.command === 'plan') {
        const planned = await plan(options, io);
        const { items, names, access, platform } = planned;
        process.stdout.write(
          parsed.format === 'json'
            ? `${JSON.stringify({ ...(platform === undefined ? {} : { platform }), items, access }, null, 2)}\n`
            : `${planTable(items, names)}\n${accessTable(access, names, platform)}`,
        );
        return 0;
      }
      const outcome =
        recording !== undefined
          ? await record(recording, { ...io, stop: watch.halt })
          : parsed.command === 'seal'
            ? await sealRing(parsed.ring, options, io)
            : await collect(options, io);
      progress.close();
      if (options.progress !== 'json' && options.progress !== 'none') {
        const { privacy } = outcome;
        say(ownSummary(outcome));
        if (privacy !== undefined) say(privacyLines(privacy));
      }
      if (outcome.path !== undefined) process.stdout.write(`${outcome.path}\n`);
      return outcome.exitCode;
    } finally {
      progress.close();
      watch.stop();
    }
  } catch (error) {
    return report(error, args);
  }
};
