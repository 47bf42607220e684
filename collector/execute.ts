import { messageOf } from './errors.js';
import { largeBytes, releaseMemory } from './memory.js';
import type { PlannedItem } from './plan.js';
import { ProbeError, type SharedFacts } from './probe.js';
import { type Door, doorOf, readSilence } from './reachability.js';
import { fine, maxBytes, type Run } from './run.js';
import { notRun, notStarted, type Outcome, runProbe } from './run-probe.js';
import { runSchedule } from './schedule.js';
import { gap, type ManifestItem, storeItem } from './store-item.js';

/** Start of a log that is always kept: the start-up lines tell the configuration in force. */
const logHeadBytes = 256 * 1024;
/** Smallest of decimal strings. */
const smallest = (revisions: readonly string[]): string | undefined =>
  revisions.length === 0
    ? undefined
    : revisions.reduce((least, revision) => (BigInt(revision) < BigInt(least) ? revision : least));

/**
 * Runs every planned item and returns its manifest entries in plan order, with the rounds as they were. `timeLeft` tells how long it is until the
 * run's signal.
 */
export const execute = async (
  run: Run,
  plan: readonly PlannedItem[],
  members: SharedFacts['members'],
  timeLeft?: () => number,
) => {
  let gaveUpRounds = false;
  const { options, io, wiring, redactor, store, log, signal } = run;
  const entries = new Map<string, ManifestItem>();
  const revisions = new Map<number, string[]>();
  let shared: SharedFacts = { members };
  const finish = (item: PlannedItem, entry: ManifestItem): void => {
    entries.set(item.id, entry);
    const { state, durationMs } = entry;
    io.emit({
      event: 'item',
      id: item.id,
      target: item.target,
      state,
      ...(durationMs === undefined ? {} : { durationMs }),
    });
    if (!fine.has(state)) log.add('warn', 'item', { id: item.id, state, reason: entry.reason, message: entry.message });
  };
  const atMember = (item: PlannedItem): boolean => item.side === 'remote' && item.target.kind === 'member';
  const withSilenceRead = (item: PlannedItem, outcome: Outcome, door: Door): Outcome => {
    const { error } = outcome;
    // A run that was told to stop has its own reason.
    if (!(error instanceof ProbeError) || outcome.reason !== error.reason) return outcome;
    const read = readSilence(item.kind, error, wiring.reachability.hasAnswered(item.target.id, door));
    return read === error ? outcome : { ...outcome, reason: read.reason, message: read.message, error: read };
  };
  const outcomeOf = async (item: PlannedItem, timeoutMs: number): Promise<Outcome> => {
    if (signal.aborted) return notStarted(item, signal);
    const door = doorOf(item.kind);
    const skip =
      atMember(item) && item.phase !== 'round' ? wiring.reachability.shouldSkip(item.target.id, door) : undefined;
    if (skip !== undefined) {
      return { state: skip.state, reason: skip.reason, message: skip.message, source: item.source, parts: [] };
    }
    const environment = {
      ...wiring.ports,
      now: io.now,
      monotonic: io.monotonic,
      shared,
      logs: { sinceMs: options.logSinceMs, maxBytes: options.maxLogBytes, headBytes: logHeadBytes },
    };
    // What the rounds left behind must not stand beside a log.
    if (item.bulky === true) releaseMemory();
    const raw = await runProbe(item, timeoutMs, environment, signal);
    const outcome = atMember(item) ? withSilenceRead(item, raw, door) : raw;
    if (atMember(item)) {
      if (outcome.error instanceof ProbeError) wiring.reachability.note(item.target.id, outcome.error, door);
      else if (outcome.error === undefined) wiring.reachability.note(item.target.id, 'ok', door);
    }
    if (outcome.reason === 'unexpected' && outcome.error instanceof Error) {
      log.add('error', 'probe broke', { id: item.id, stack: outcome.error.stack });
    }
    return outcome;
  };
  const one = async (item: PlannedItem, timeoutMs: number): Promise<void> => {
    const outcome = await outcomeOf(item, timeoutMs);
    if (item.kind === 'endpoint-status' && item.round !== undefined) {
      const found = outcome.parts.flatMap(({ content }) => revisionOf(content) ?? []);
      revisions.set(item.round, [...(revisions.get(item.round) ?? []), ...found]);
    }
    try {
      const entry = await storeItem(item, outcome, { redactor, store, maxBytes });
      if ((entry.bytesStored ?? 0) >= largeBytes) releaseMemory();
      finish(item, entry);
    } catch (error) {
      log.add('error', 'item could not be stored', { id: item.id, error });
      finish(
        item,
        gap(item, { ...outcome, state: 'failed', reason: 'unexpected', message: messageOf(error) }, redactor),
      );
    }
  };

  for (const item of plan) {
    if (item.inapplicable === undefined) continue;
    finish(
      item,
      gap(item, { state: 'not-applicable', ...item.inapplicable, source: item.source, parts: [] }, redactor),
    );
  }
  const synchronisation = await runSchedule({
    items: plan.filter(({ inapplicable }) => inapplicable === undefined),
    rounds: options.rounds,
    windowMs: options.windowMs,
    itemTimeoutMs: options.itemTimeoutMs,
    startedAt: run.startedAt,
    signal,
    now: io.now,
    monotonic: io.monotonic,
    execute: one,
    ...(timeLeft === undefined ? {} : { timeLeft }),
    giveUp: (item) => {
      gaveUpRounds = true;
      finish(item, gap(item, notRun(item, 'skipped-by-budget', 'budget-exhausted'), redactor));
    },
    afterRound: (round) => {
      const commonRevision = smallest(revisions.get(round) ?? []);
      if (commonRevision !== undefined) shared = { members, commonRevision };
      if (!signal.aborted) io.emit({ event: 'round', round, of: options.rounds });
    },
  });
  const items = plan.map((item) => entries.get(item.id) ?? gap(item, notStarted(item, signal), redactor));
  return { items, synchronisation, gaveUpRounds };
};

const revisionOf = (content: unknown): string | undefined => {
  if (content === null || typeof content !== 'object' || !('revision' in content)) return undefined;
  return typeof content.revision === 'string' && /^\d+$/.test(content.revision) ? content.revision : undefined;
};
