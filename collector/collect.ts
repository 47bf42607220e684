import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { type ArtifactKind, bundleName, type Manifest, SIGNATURE_SUFFIX } from '../schemas/index.js';
import { accessMap, expectedAccess } from './access.js';
import { accessContext } from './access-context.js';
import { createEncryption } from './bundle/encrypt.js';
import { checkDestination, destinationOf, refuseExisting } from './bundle/output.js';
import { seal } from './bundle/seal.js';
import { createStore, type Store } from './bundle/store.js';
import { watchBudget } from './budget.js';
import { discover, planOf } from './discover.js';
import { execute } from './execute.js';
import { messageOf } from './errors.js';
import { hereOf, type PlannedRead, vantageOf } from './here.js';
import { describePlatform, type RunEnd, type RunFacts } from './manifest.js';
import type { CollectOptions } from './options.js';
import { describePlan, type PlannedItem } from './plan.js';
import { deadMounts } from './ports/dead-mounts.js';
import type { Priority } from './priority.js';
import { createInspector } from './redact/gate.js';
import { createIdentities } from './redact/identities/index.js';
import { createRedactor } from './redact/index.js';
import { addKnownIdentities, maskStore } from './redact/mask-store.js';
import { mapPathOf, reveal, writePrivateMap } from './redact/private-map.js';
import { loadSeriesKey } from './redact/series-key.js';
import { type CollectIo, fine, maxBytes, type Run } from './run.js';
import { createRunLog } from './run-log.js';
import type { StopReason } from './run-probe.js';
import { type ManifestItem, storeItem } from './store-item.js';
import { measureUsage, mergeRequests, type UsageMeter } from './usage.js';
import { describeVantage } from './vantage.js';

export interface CollectOutcome {
  /** 0 complete, 3 some items not ok, 4 no member answered, 130 / 143 interrupted; see the documented table. */
  readonly exitCode: 0 | 3 | 4 | 130 | 143;
  /** Absolute path of the bundle; absent when it was streamed. */
  readonly path?: string;
  /** Root directory inside the archive. */
  readonly name: string;
  readonly manifest: Manifest;
  /** In mode `standard`: what stays on the side of whoever collected. */
  readonly privacy?: {
    /** File of the series key; absent when the key lived for this run only. */
    readonly keyPath?: string;
    readonly keyCreated: boolean;
    readonly mapPath?: string;
    /** Turns the tokens of a text back. */
    readonly reveal: (text: string) => string;
  };
}

/** How much of the time before the run counts as part of it, at most, ms. */
const countedStartMs = 1000;

/** An artifact of the run itself, as an item of the manifest. */
const ownItem = (run: Run, kind: ArtifactKind, content: unknown): Promise<ManifestItem> => {
  const item: PlannedItem = {
    id: `${kind}@collection`,
    kind,
    target: { kind: 'collection', id: 'collection' },
    phase: 'last',
    side: 'local',
    lane: 'collection',
    title: kind,
    reads: 'the run itself',
    source: 'the collector',
    permission: 'none',
    impact: 'read-only',
    cost: 'cheap',
    timeoutMs: 0,
    run: () => Promise.reject(new Error('not a probe')),
  };
  return storeItem(
    item,
    { state: 'ok', source: item.source, parts: [{ content }] },
    { ...run, maxBytes: Number.MAX_SAFE_INTEGER },
  );
};

const scopeOf = (run: Run, clusterIds: ReadonlySet<string>, hosts: RunFacts['hosts']): string => {
  if (run.options.label !== undefined) return run.options.label;
  const [clusterId] = clusterIds;
  if (clusterId !== undefined && clusterIds.size === 1) return `cluster-${clusterId.slice(0, 8)}`;
  return hosts[0]?.id ?? run.wiring.hostToken;
};

/** Cluster ids as the members said them, read back from the stored answers. */
const clusterIdsIn = async (store: Store, items: readonly ManifestItem[]): Promise<Set<string>> => {
  const wanted = new Set(
    items.filter(({ kind }) => kind === 'endpoint-status' || kind === 'member-list').flatMap(({ paths }) => paths),
  );
  const ids = new Set<string>();
  for (const file of store.files()) {
    if (!wanted.has(file.path)) continue;
    const { clusterId } = JSON.parse((await file.read()).toString('utf8')) as { clusterId?: unknown };
    if (typeof clusterId === 'string' && /^[0-9a-f]{16}$/.test(clusterId)) ids.add(clusterId);
  }
  return ids;
};

const endReasonOf = (signal: AbortSignal): Manifest['endReason'] => {
  if (!signal.aborted) return 'finished';
  if (signal.reason === 'budget') return 'budget';
  return signal.reason === 'SIGINT' || signal.reason === 'SIGTERM' ? 'signal' : 'error';
};

const exitCodeOf = (manifest: Manifest, stop: unknown): CollectOutcome['exitCode'] => {
  if (stop === 'SIGINT') return 130;
  if (stop === 'SIGTERM') return 143;
  if (!manifest.targets.some(({ kind, reachable }) => kind === 'member' && reachable === true)) return 4;
  const complete = manifest.endReason === 'finished' && manifest.items.every(({ state }) => fine.has(state));
  return complete ? 0 : 3;
};

/** Opens the doors of a run; without `withKey` nothing of it will be written, and no names are replaced. Throws `UsageError`. */
export const startRun = async (
  given: CollectOptions,
  io: CollectIo,
  withKey = true,
): Promise<{ run: Run; meter: UsageMeter; stop: AbortController }> => {
  // Loading the program counts; on a machine so busy that it takes long the reads still get their time.
  const startedAt = Math.max(io.begunAt ?? io.monotonic(), io.monotonic() - countedStartMs);
  const meter = measureUsage(io.monotonic);
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const follow = (): void => stop.abort((io.signal.reason ?? 'error') satisfies StopReason | 'error');
  if (io.signal.aborted) follow();
  else io.signal.addEventListener('abort', follow, { once: true });
  // Before anything is read: a recipient that is none, or a key that is none, ends the run here.
  const { encryptTo = [] } = given;
  const encryption = encryptTo.length === 0 ? undefined : await createEncryption(encryptTo);
  const seriesKey = given.redact === 'standard' && withKey ? loadSeriesKey(given.seriesKey, process.env) : undefined;
  if (seriesKey?.note !== undefined) io.emit({ event: 'note', text: seriesKey.note });
  const wiring = await io.wire(given);
  const options = wiring.place?.options ?? given;
  const log = createRunLog(io.now);
  const run = {
    options,
    io,
    wiring,
    redactor: createRedactor(options.redact, seriesKey === undefined ? undefined : createIdentities(seriesKey.key)),
    ...(seriesKey === undefined ? {} : { seriesKey }),
    store: createStore(),
    log,
    startedAt,
    signal: stop.signal,
    ...(encryption === undefined ? {} : { encryption }),
  };
  return { run, meter, stop };
};

/** What a run gathered, whichever way: what is left is to describe it and to write it down. */
export interface Gathered {
  readonly members: RunFacts['members'];
  readonly endpoints: RunFacts['endpoints'];
  readonly hosts: RunFacts['hosts'];
  readonly planned: readonly PlannedItem[];
  readonly items: readonly ManifestItem[];
  readonly synchronisation: Manifest['synchronisation'];
  readonly startedAt: Date;
  /** First to last round, ms. */
  readonly windowMs: number;
  readonly endReason?: Manifest['endReason'];
  /** What came of giving way to others. */
  readonly priority?: Promise<Priority> | undefined;
}

/** Writes the private map beside the bundle; without it the bundle is as good, so a failure is only told. */
const keepPrivate = async (
  run: Run,
  bundleId: string,
  bundle: string | undefined,
): Promise<CollectOutcome['privacy']> => {
  const { options, io, redactor, seriesKey } = run;
  if (redactor.identities === undefined || seriesKey === undefined) return undefined;
  const { tokens } = redactor.identities;
  const originals = Object.fromEntries(tokens.originals());
  const wanted = options.map ?? (bundle === undefined ? false : mapPathOf(bundle));
  let mapPath: string | undefined;
  if (wanted !== false) {
    try {
      await writePrivateMap(wanted, {
        magic: 'etcd-evidence-map',
        bundleId,
        keyFingerprint: tokens.fingerprint,
        tokens: originals,
      });
      mapPath = wanted;
    } catch (error) {
      io.emit({ event: 'note', text: `the private map cannot be written to ${wanted}: ${messageOf(error)}` });
    }
  }
  return {
    ...(seriesKey.path === undefined ? {} : { keyPath: seriesKey.path }),
    keyCreated: seriesKey.created,
    ...(mapPath === undefined ? {} : { mapPath }),
    reveal: (text) => reveal(text, originals),
  };
};

/** Masks what was gathered, describes the run, writes the bundle, and says how it went. Throws `OutputError` and `QuarantineError`. */
export const finishRun = async (run: Run, meter: UsageMeter, gathered: Gathered): Promise<CollectOutcome> => {
  const { options, io, wiring, log, redactor, store } = run;
  const { members, endpoints, hosts, planned, items: read, synchronisation, startedAt, windowMs } = gathered;
  io.emit({ event: 'writing' });
  const endReason = gathered.endReason ?? endReasonOf(run.signal);
  log.add('info', 'end', { endReason, elapsedMs: meter.read().elapsedMs });
  const requests = mergeRequests(
    wiring.ports.etcd.requests(),
    wiring.ports.http.requests(),
    wiring.ports.kubernetes?.requests() ?? {},
  );
  const priority = await gathered.priority;
  await wiring.priority?.beforeWriting();
  const usage = {
    ...meter.read(),
    bytesStored: store.bytes(),
    ...(priority === undefined ? {} : { priority }),
    requests,
  };
  const own = [
    await ownItem(run, 'plan', describePlan(planned)),
    await ownItem(run, 'access-map', accessMap(read, members, accessContext(run))),
    await ownItem(run, 'usage', usage),
    await ownItem(run, 'run-log', log.text()),
  ];
  const all = [...read, ...own];
  const clusterIds = await clusterIdsIn(store, read);
  const { identities } = redactor;
  if (identities !== undefined) {
    const tokens = [wiring.hostToken, ...hosts.map(({ id }) => id)];
    addKnownIdentities(identities, options, members, endpoints, tokens);
  }
  const { items, counts } = await maskStore(store, all, identities, createInspector(options.redact, identities));
  const used = meter.read();
  const bundleId = randomBytes(16).toString('hex');
  const facts: RunFacts = {
    bundleId,
    version: io.version,
    options,
    members,
    hosts,
    endpoints,
    vantage: describeVantage(wiring.hostToken),
    startedAt,
    maxBytes,
    windowMs,
    synchronisation,
    ...(wiring.place?.platform === undefined ? {} : { platform: wiring.place.platform }),
  };
  const end: RunEnd = {
    items,
    endReason,
    finishedAt: new Date(io.now()),
    elapsedMs: used.elapsedMs,
    used: {
      elapsedMs: used.elapsedMs,
      bytesStored: store.bytes(),
      requests,
      cpuMs: used.cpuUserMs + used.cpuSystemMs,
      maxRssBytes: used.maxRssBytes,
    },
  };
  const scope = redactor.text(scopeOf(run, clusterIds, hosts));
  const name = bundleName(identities?.maskText(scope) ?? scope, startedAt, bundleId, options.redact);
  const remoteKinds = new Set<string>(wiring.probes.remote.map(({ kind }) => kind));
  const { path, manifest } = await seal(run, facts, end, name, (kind) => remoteKinds.has(kind), counts);
  const privacy = await keepPrivate(run, bundleId, path);
  const exitCode = exitCodeOf(manifest, run.signal.reason);
  return {
    exitCode,
    name,
    manifest,
    ...(path === undefined ? {} : { path }),
    ...(privacy === undefined ? {} : { privacy }),
  };
};

/**
 * One collection: discover, plan, read, redact, write. A bundle is written whatever the cluster does, also when the
 * run is interrupted or its budget ends. Throws `UsageError` and `OutputError`; then there is no bundle. Throws `QuarantineError` when
 * the finished bundle still holds what should have been removed.
 */
export const collect = async (given: CollectOptions, io: CollectIo): Promise<CollectOutcome> => {
  await deadMounts.looked('/');
  const destination = await destinationOf(given.output, (given.encryptTo ?? []).length > 0);
  await checkDestination(destination);
  if (given.signer !== undefined && destination.kind === 'file')
    await refuseExisting(`${destination.file}${SIGNATURE_SUFFIX}`);
  const { monotonic } = io;
  // Loading the program and looking around on this host are part of the run.
  const begunAt = io.begunAt ?? monotonic();
  const { run, meter, stop } = await startRun(given, io);
  const { options, wiring, log, store } = run;
  const startedAt = new Date(io.now());
  const watch = watchBudget({ budgetMs: options.budgetMs, begunAt, monotonic, bytes: store.bytes }, () =>
    stop.abort('budget' satisfies StopReason),
  );
  try {
    log.add('info', 'start', { version: io.version, profile: options.profile, flags: options.invocationFlags });
    const found = await discover(run);
    io.emit({
      event: 'discovered',
      members: found.members.map(({ id, name }) => ({ id, ...(name === undefined ? {} : { name }) })),
    });
    // Where no member runs, nobody has to be given way to.
    const lowered = found.members.some(({ local }) => local !== undefined) ? wiring.priority?.lower() : undefined;
    // What cannot be reached and does not run here looks the same in every round.
    const isOutside = found.beyondReach === true && found.members.every(({ local }) => local === undefined);
    const { rounds, windowMs } = isOutside ? { rounds: 1, windowMs: 0 } : options;
    if (isOutside && options.rounds > 1)
      io.emit({ event: 'note', text: 'no endpoint can be reached from here: one round' });
    const narrowed = {
      ...run,
      startedAt: run.startedAt + (found.waitedMs ?? 0),
      options: { ...options, rounds, windowMs },
    };
    const { items: planned, hosts } = planOf(narrowed, found);
    io.emit({ event: 'planned', items: planned, rounds });
    const read = await execute(narrowed, planned, found.members, watch.left);
    watch.stop();
    return await finishRun(narrowed, meter, {
      members: found.members,
      endpoints: found.endpoints,
      hosts,
      planned,
      items: read.items,
      synchronisation: read.synchronisation,
      ...(read.gaveUpRounds && !run.signal.aborted ? { endReason: 'budget' as const } : {}),
      startedAt,
      windowMs: rounds > 1 ? windowMs : 0,
      priority: lowered,
    });
  } finally {
    watch.stop();
    wiring.close();
  }
};

/** What `plan` shows. */
export interface Planned {
  readonly items: readonly PlannedRead[];
  /** Names of members by id, where they have one. */
  readonly names: ReadonlyMap<string, string>;
  readonly platform?: NonNullable<Manifest['platform']>;
  /** The access map as far as it can be told before the run. */
  readonly access: ReturnType<typeof expectedAccess>;
}

/**
 * Every read that a run with these options would make, after looking for the members, and whether this vantage has the
 * access as far as that is known. Reads what discovery reads (member list and status) and nothing else; writes nothing.
 */
export const plan = async (options: CollectOptions, io: CollectIo): Promise<Planned> => {
  const { run } = await startRun(options, io, false);
  const { redactor, wiring } = run;
  try {
    const found = await discover(run);
    const all = planOf(run, found).items;
    const planned = all.filter(({ inapplicable }) => inapplicable === undefined);
    const vantage = await vantageOf(found.members, wiring.ports.files);
    const access = expectedAccess(all, found.members, (item) => hereOf(item, vantage), accessContext(run));
    const platform = wiring.place?.platform;
    const here = new Map(planned.map((item) => [item.id, hereOf(item, vantage)]));
    const { items } = redactor.document(describePlan(planned));
    return {
      access: redactor.document(access),
      ...(platform === undefined ? {} : { platform: redactor.document(describePlatform(platform)) }),
      items: items.map((item) => ({ ...item, here: here.get(item.id) ?? 'unknown' })),
      names: new Map(found.members.flatMap(({ id, name }) => (name === undefined ? [] : [[id, redactor.text(name)]]))),
    };
  } finally {
    wiring.close();
  }
};
