import type { DatadirSnapArtifact } from '../../../schemas/index.js';
import { coverageOf, type DataDirFiles, dataDirFiles, namesIn, needsDataDir, withSource } from '../../datadir-files.js';
import { BudgetSpent, type Limit } from '../../forensics/bytes.js';
import { readDbState } from '../../forensics/db.js';
import { parseSnapDbName, parseSnapName, readSnap } from '../../forensics/snap.js';
import { needsLocal } from '../../local-files.js';
import { defineProbe, type MemberTarget, type ProbeContext, ProbeError } from '../../probe.js';

type SnapRecord = DatadirSnapArtifact['snapshots'][number];
type DatabaseRecord = DatadirSnapArtifact['databases'][number];

/** etcd keeps five by default. */
const MAX_FILES = 20;

export default defineProbe({
  kind: 'datadir-snap',
  scope: 'member',
  title: 'Checksums, raft state and membership of the snapshots',
  reads:
    'checksums, index, term, configuration and membership of the newest .snap and .snap.db files; nothing else in them',
  permission: 'root or the user of etcd (the data dir has mode 0700)',
  impact: 'read-only',
  cost: 'moderate',
  phase: 'once',
  timeoutMs: 120_000,
  appliesTo: (target) => needsDataDir(target) ?? needsLocal(target),
  source: ({ local }) => `${local?.dataDir ?? '<data-dir>'}/member/snap`,
  run: async (context) => {
    const at = await dataDirFiles(context);
    const names = await namesIn(context, at, at.snapDir);
    const source = at.snapDir;
    if (names === undefined) return { state: 'empty', message: 'there is no snapshot directory', source, parts: [] };
    const snapNames = names.filter((name) => parseSnapName(name) !== undefined);
    const dbNames = names.filter((name) => parseSnapDbName(name) !== undefined);
    const snapshots: SnapRecord[] = [];
    const databases: DatabaseRecord[] = [];
    let limit: Limit | undefined;
    let refused: ProbeError | undefined;
    /** One file; false once the budget is spent. */
    const guarded = async (work: () => Promise<void>): Promise<boolean> => {
      try {
        await work();
        return true;
      } catch (error) {
        if (error instanceof BudgetSpent) {
          limit = error.limit;
          return false;
        }
        if (!(error instanceof ProbeError) || error.state === 'timeout') throw error;
        // etcd removes old ones meanwhile.
        if (error.reason !== 'file-missing') refused ??= error;
        return true;
      }
    };
    for (const name of snapNames.reverse().slice(0, MAX_FILES))
      if (!(await guarded(async () => void snapshots.push(await snapshotOf(context, at, name))))) break;
    for (const name of dbNames.reverse().slice(0, MAX_FILES))
      if (!(await guarded(async () => void databases.push(await databaseOf(context, at, name))))) break;
    if (refused !== undefined && refused.state === 'denied' && snapshots.length + databases.length === 0) throw refused;
    const omitted = Math.max(0, snapNames.length - MAX_FILES) + Math.max(0, dbNames.length - MAX_FILES);
    const whole = limit === undefined && refused === undefined;
    const broken = names.filter((name) => name.endsWith('.broken')).length;
    const temporary = names.filter((name) => name.endsWith('.tmp') || /^(db\.)?tmp/.test(name)).length;
    const known = snapNames.length + dbNames.length + temporary + (names.includes('db') ? 1 : 0);
    const content: DatadirSnapArtifact = {
      dir: at.named(at.snapDir),
      inUse: at.running,
      files: {
        snapshots: snapNames.filter((name) => !name.endsWith('.broken')).length,
        broken,
        databases: dbNames.length,
        temporary,
        other: Math.max(0, names.length - known),
      },
      coverage: coverageOf(at, whole && omitted === 0, limit),
      snapshots,
      databases,
    };
    return {
      state: whole ? 'ok' : 'partial',
      ...(whole
        ? {}
        : {
            reason: refused?.reason ?? ('item-timeout' as const),
            message: refused?.message ?? 'not all snapshot files were read in time',
          }),
      source,
      parts: [
        {
          content,
          ...(omitted === 0 ? {} : { truncation: { description: `${omitted} older snapshot files were not read` } }),
        },
      ],
    };
  },
});

const snapshotOf = (context: ProbeContext<MemberTarget>, at: DataDirFiles, name: string): Promise<SnapRecord> =>
  withSource(context, at, `${at.snapDir}/${name}`, async (bytes) => {
    const base = { name, size: `${bytes.size}`, setAside: name.endsWith('.broken') };
    try {
      const { dataBytes, ...found } = await readSnap(bytes, name);
      return { ...base, ...found, ...(dataBytes === undefined ? {} : { dataBytes: `${dataBytes}` }) };
    } catch (error) {
      if (error instanceof BudgetSpent || (error instanceof ProbeError && error.state === 'timeout')) throw error;
      return { ...base, problem: { kind: 'read-error' } };
    }
  });

const databaseOf = (context: ProbeContext<MemberTarget>, at: DataDirFiles, name: string): Promise<DatabaseRecord> =>
  withSource(context, at, `${at.snapDir}/${name}`, async (bytes) => {
    const state = await readDbState(bytes, {
      live: false,
      remainingBytes: at.meter.remainingBytes,
      pause: async () => undefined,
    });
    return {
      name,
      size: `${bytes.size}`,
      index: `${parseSnapDbName(name) ?? 0n}`,
      readable: state !== undefined,
      ...(state?.consistentIndex === undefined ? {} : { consistentIndex: state.consistentIndex }),
      ...(state?.term === undefined ? {} : { term: state.term }),
      ...(state?.highestRevision === undefined ? {} : { revision: state.highestRevision.main }),
    };
  });
