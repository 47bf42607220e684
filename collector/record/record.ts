import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { checkDestination, destinationOf, outputError } from '../bundle/output.js';
import { createStore } from '../bundle/store.js';
import { type CollectOutcome, finishRun, startRun } from '../collect.js';
import { discover, planOf } from '../discover.js';
import { OutputError, UsageError } from '../errors.js';
import { execute } from '../execute.js';
import type { CollectOptions } from '../options.js';
import type { PlannedItem } from '../plan.js';
import { type CollectIo, maxBytes, type Run } from '../run.js';
import type { RunLog } from '../run-log.js';
import { pause } from '../schedule.js';
import type { StopReason } from '../run-probe.js';
import type { Discovered } from '../wiring.js';
import type { Condition } from './condition.js';
import { lockRing, readMeta, type RingMeta, writeMeta } from './meta.js';
import { observationOf } from './observe.js';
import { diskIo, openRing, prepareDirectory, type Ring, type RingIo, type RingLimits } from './ring.js';

export interface RecordOptions {
  /** Of the bundle, and of what is read once when the recording ends. `rounds` and `windowMs` do not count. */
  readonly collect: CollectOptions;
  readonly intervalMs: number;
  /** How far back from the end, or from the condition, rounds are kept, ms. */
  readonly keepMs: number;
  readonly ringBytes: number;
  /** Directory of the ring; default: one beside the bundle. */
  readonly ring?: string;
  /** The ring is there already and is continued. */
  readonly resume: boolean;
  /** The first one that is met ends the recording. */
  readonly until: readonly Condition[];
  /** How long rounds go on after that, ms. */
  readonly afterMs: number;
  /** Longest recording, ms; absent: until a condition or a signal. */
  readonly forMs?: number;
}

export interface RecordIo extends CollectIo {
  /** Aborted: the recording ends, what is read once is read, the bundle is written. `signal` cuts that short. */
  readonly stop: AbortSignal;
  readonly ring?: RingIo;
}

export interface RecordOutcome extends CollectOutcome {
  /** Still there when not all of it came into the bundle. */
  readonly ring?: string;
}

/** Members come, go and restart with another pid: they are looked for again this often, ms. */
const rediscoverMs = 60_000;
/** A sign of life this often, ms. */
const noteMs = 60_000;
/** A bundle may hold this much before compression and so many files of rounds; the rest is for logs and what is read once. */
const bundleShare = { rawBytes: maxBytes * 0.75, files: 15_000 } as const;

const limitsOf = ({ ringBytes, keepMs }: Pick<RecordOptions, 'ringBytes' | 'keepMs'>): RingLimits => ({
  bytes: ringBytes,
  keepMs,
  ...bundleShare,
});

const ringDirectory = async ({ collect: { output, encryptTo = [] }, ring }: RecordOptions): Promise<string> => {
  if (ring !== undefined) return resolve(ring);
  const destination = await destinationOf(output, encryptTo.length > 0);
  if (destination.kind === 'stream')
    throw new UsageError('record --output -: the ring needs a place on the disk', 'name one with --ring DIR');
  return join(destination.directory, `etcd-evidence-ring_${randomBytes(4).toString('hex')}`);
};

const kib = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`;

/** What is asked in every round; dear answers are read once, at the end. */
const isRound = ({ phase, inapplicable, sparse }: PlannedItem): boolean =>
  phase === 'round' && inapplicable === undefined && sparse !== true;

/** Union by id, the later description first. */
const merged = <T extends { readonly id: string }>(now: readonly T[], before: readonly T[]): T[] => [
  ...now,
  ...before.filter(({ id }) => !now.some((each) => each.id === id)),
];

/** A member that is down fails its items in every round: only what changes is news. */
const onlyChanges = (log: RunLog): RunLog => {
  const last = new Map<string, string>();
  return {
    ...log,
    add: (level, event, detail = {}) => {
      if (event === 'item') {
        const [id, now] = [String(detail.id), `${String(detail.state)} ${String(detail.reason)}`];
        if (last.get(id) === now) return;
        last.set(id, now);
      }
      log.add(level, event, detail);
    },
  };
};

/** Takes one round of all members and of this host into the ring. */
const takeRound = async (run: Run, found: Discovered, ring: Ring, conditions: readonly Condition[]) => {
  const { io } = run;
  const store = createStore();
  const round: Run = { ...run, store, startedAt: io.monotonic(), options: { ...run.options, rounds: 1, windowMs: 0 } };
  const { items: planned } = planOf(round, found);
  const at = io.now();
  const { items, synchronisation } = await execute(round, planned.filter(isRound), found.members);
  // What was cut off by the end is no round.
  if (run.signal.aborted) return { kept: false, met: undefined };
  const kept = await ring.append({ at, items, synchronisation, files: store.files() });
  const observation = await observationOf(
    found.members,
    store,
    conditions.flatMap(({ metrics }) => metrics),
  );
  let met: string | undefined;
  for (const condition of conditions) {
    const what = condition.observe(observation);
    if (what !== undefined) met ??= `${condition.text}: ${what}`;
  }
  return { kept, met };
};

/** Brings the rounds of the ring into the bundle. */
const takeRing = async (run: Run, ring: Ring) => {
  const { items, files, synchronisation, at, flaws } = await ring.rounds();
  for (const flaw of flaws) run.log.add('warn', 'ring', { flaw });
  for (const file of files) run.store.adopt(file);
  const [first, last] = [at[0], at.at(-1)];
  const windowMs = first === undefined || last === undefined ? 0 : last - first;
  return { items, synchronisation, startedAt: first, windowMs, count: at.length, whole: flaws.length === 0 };
};

/**
 * Records rounds into a ring on the disk until a condition is met, the time is over or `stop` is aborted; then reads once what a
 * collection reads once, and makes one ordinary bundle of everything. Throws `UsageError` and `OutputError`; the ring stays then.
 */
export const record = async (options: RecordOptions, io: RecordIo): Promise<RecordOutcome> => {
  const { intervalMs, until, afterMs, forMs } = options;
  const collectOptions: CollectOptions = {
    ...options.collect,
    profile: 'record',
    itemTimeoutMs: Math.max(100, Math.min(options.collect.itemTimeoutMs, intervalMs * 0.8)),
  };
  const directory = await ringDirectory(options);
  await checkDestination(await destinationOf(collectOptions.output, (collectOptions.encryptTo ?? []).length > 0));
  if (options.resume) await readMeta(directory);
  const note = (text: string): void => io.emit({ event: 'note', text });
  const { run, meter, stop } = await startRun(collectOptions, io);
  const { wiring, log, redactor } = run;
  const limits = limitsOf(options);
  let unlock: () => Promise<void> = async () => undefined;
  let ring: Ring | undefined;
  try {
    log.add('info', 'start', { version: io.version, profile: 'record', flags: collectOptions.invocationFlags });
    await prepareDirectory(directory).catch(async (error: unknown) => {
      throw error instanceof UsageError ? error : await outputError(error, directory);
    });
    unlock = await lockRing(directory);
    ring = await openRing(directory, limits, note, io.ring ?? diskIo);
    if (ring.count() > 0 && !options.resume) {
      throw new UsageError(
        `${directory}: there is a ring already`,
        'add --resume, or make a bundle of it with etcd-collect seal',
      );
    }

    let found = await discover(run);
    let everyone: RingMeta['members'] = found.members;
    const describe = async (): Promise<void> => {
      everyone = merged(found.members, everyone);
      const { redact, label, invocationFlags, seriesKey, redactWords } = collectOptions;
      const { hosts } = planOf(run, found);
      await writeMeta(
        directory,
        {
          members: everyone,
          endpoints: found.endpoints,
          hosts,
          redact,
          invocationFlags,
          ...(label === undefined ? {} : { label }),
          ...(seriesKey === undefined ? {} : { seriesKey: resolve(seriesKey) }),
          ...(redactWords === undefined ? {} : { redactWords }),
        },
        redactor.document,
      ).catch((error: unknown) => log.add('warn', 'ring description not written', { error }));
    };
    await describe();
    io.emit({
      event: 'discovered',
      members: found.members.map(({ id, name }) => ({ id, ...(name === undefined ? {} : { name }) })),
    });
    const waiting =
      until.length === 0 ? 'until Ctrl-C' : `until ${until.map(({ text }) => text).join(' or ')}, or Ctrl-C`;
    note(`Recording ${found.members.length} members every ${intervalMs / 1000} s into ${directory} ${waiting}.`);
    if ((collectOptions.encryptTo ?? []).length > 0)
      note('The ring on the disk is without secrets but not encrypted; the bundle will be. The ring is deleted then.');
    if (collectOptions.redact === 'standard')
      note('The ring on the disk holds real names and addresses; they become tokens in the bundle.');

    const sampling: Run = {
      ...run,
      log: onlyChanges(log),
      // Each round is a small run of its own: its progress is none of the whole.
      io: { ...io, emit: (event) => (event.event === 'note' ? io.emit(event) : undefined) },
    };
    const halt = AbortSignal.any([run.signal, io.stop]);
    const begun = io.monotonic();
    let [tick, lost, nextNote, nextDiscovery] = [0, 0, begun + noteMs, begun + rediscoverMs];
    let endAt = forMs === undefined ? Number.POSITIVE_INFINITY : begun + forMs;
    let met: string | undefined;
    let looking: Promise<void> | undefined;
    for (;;) {
      const result = await takeRound(sampling, found, ring, met === undefined ? until : []);
      if (!result.kept && !run.signal.aborted) lost += 1;
      if (lost > 0 && ring.count() === 0)
        throw new OutputError(
          'too little space for the ring, which leaves 256 MiB free (--ring DIR names another place)',
          directory,
          'ENOSPC',
        );
      if (result.met !== undefined && met === undefined) {
        met = result.met;
        ring.hold();
        endAt = Math.min(endAt, io.monotonic() + afterMs);
        log.add('info', 'condition met', { condition: met });
        note(`${met}. Recording goes on for ${afterMs / 1000} s.`);
      }
      const now = io.monotonic();
      if (now >= nextNote) {
        nextNote = now + noteMs;
        note(`${ring.count()} rounds in the ring, ${kib(ring.bytes())}${lost > 0 ? `; ${lost} found no room` : ''}`);
      }
      if (now >= nextDiscovery && looking === undefined) {
        nextDiscovery = now + rediscoverMs;
        // Beside the rounds: a member that hangs must not hold them up.
        looking = discover({ ...run, io: { ...io, emit: () => undefined } })
          .then(async (again) => {
            if (again.members.length === 0) return;
            found = again;
            await describe();
          })
          .catch((error: unknown) => log.add('warn', 'discovery failed', { error }))
          .finally(() => {
            looking = undefined;
          });
      }
      // A round that took longer than the interval costs the ticks it covered, and no more.
      tick = Math.max(tick + 1, Math.ceil((now - begun) / intervalMs));
      const next = begun + tick * intervalMs;
      if (halt.aborted || next > endAt) break;
      await pause(next - now, halt);
      if (halt.aborted) break;
    }
    await looking;

    // What a collection reads once, as it is now.
    const final: Run = {
      ...run,
      startedAt: io.monotonic(),
      options: { ...collectOptions, rounds: 1, windowMs: 0, itemTimeoutMs: options.collect.itemTimeoutMs },
    };
    const { items: all, hosts } = planOf(final, found);
    const planned = all.filter(({ phase, sparse }) => phase !== 'round' || sparse === true);
    const budget = setTimeout(() => stop.abort('budget' satisfies StopReason), collectOptions.budgetMs);
    let once: Awaited<ReturnType<typeof execute>>;
    try {
      note('Reading configuration, logs and the state of now.');
      once = await execute(final, planned, found.members);
    } finally {
      clearTimeout(budget);
    }
    const { items, synchronisation, startedAt, windowMs, count, whole } = await takeRing(run, ring);
    log.add('info', 'ring', { rounds: count, bytes: ring.bytes(), givenUp: ring.givenUp(), lost });
    if (ring.givenUp() > 0)
      note(
        `${ring.givenUp()} rounds were given up for want of space: the bundle goes back ${Math.round(windowMs / 1000)} s.`,
      );
    const sealing: Run = { ...run, options: { ...collectOptions, rounds: Math.max(1, count), windowMs } };
    const outcome = await finishRun(sealing, meter, {
      members: merged(found.members, everyone),
      endpoints: found.endpoints,
      hosts,
      planned: all.filter(isRound).concat(planned),
      items: [...items, ...once.items],
      synchronisation,
      startedAt: new Date(startedAt ?? io.now()),
      windowMs,
    });
    if (!whole || outcome.manifest.endReason === 'no-space') return { ...outcome, ring: directory };
    await unlock();
    await ring.remove();
    return outcome;
  } catch (error) {
    if (ring !== undefined && ring.count() > 0)
      note(`The ring stays in ${directory}: etcd-collect seal ${directory} makes a bundle of it.`);
    else await ring?.remove();
    throw error;
  } finally {
    await unlock().catch(() => undefined);
    wiring.close();
  }
};

/**
 * Makes a bundle of a ring whose recorder is gone, without asking the cluster anything: the rounds alone. Throws `UsageError` and
 * `OutputError`; the ring stays then.
 */
export const sealRing = async (given: string, base: CollectOptions, io: CollectIo): Promise<RecordOutcome> => {
  const directory = resolve(given);
  const meta = await readMeta(directory);
  const { members, endpoints, hosts, redact, invocationFlags } = meta;
  const label = base.label ?? meta.label;
  const seriesKey = base.seriesKey ?? meta.seriesKey;
  const redactWords = [...new Set([...(meta.redactWords ?? []), ...(base.redactWords ?? [])])];
  const options: CollectOptions = {
    ...base,
    // A ring recorded without redaction stays marked so.
    redact,
    invocationFlags,
    profile: 'record',
    ...(label === undefined ? {} : { label }),
    ...(seriesKey === undefined ? {} : { seriesKey }),
    ...(redactWords.length === 0 ? {} : { redactWords }),
  };
  await checkDestination(await destinationOf(options.output, (options.encryptTo ?? []).length > 0));
  const note = (text: string): void => io.emit({ event: 'note', text });
  await prepareDirectory(directory);
  const unlock = await lockRing(directory);
  try {
    const ring = await openRing(
      directory,
      { bytes: Number.MAX_SAFE_INTEGER, keepMs: Number.MAX_SAFE_INTEGER, ...bundleShare },
      note,
    );
    if (ring.count() === 0) throw new UsageError(`${directory}: no whole round in this ring`, 'delete it');
    const { run, meter } = await startRun(options, io);
    try {
      const { items, synchronisation, startedAt, windowMs, count, whole } = await takeRing(run, ring);
      const outcome = await finishRun({ ...run, options: { ...options, rounds: count, windowMs } }, meter, {
        members,
        endpoints,
        hosts: hosts.map((each) => ({ ...each, members: members.filter(({ local }) => local !== undefined) })),
        planned: [],
        items,
        synchronisation,
        startedAt: new Date(startedAt ?? io.now()),
        windowMs,
      });
      if (!whole || outcome.manifest.endReason === 'no-space') return { ...outcome, ring: directory };
      await unlock();
      await ring.remove();
      return outcome;
    } finally {
      run.wiring.close();
    }
  } finally {
    await unlock().catch(() => undefined);
  }
};
