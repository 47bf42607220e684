import type { DatadirDbArtifact } from '../../../schemas/index.js';
import { coverageOf, type DataDirFiles, dataDirFiles, needsDataDir, withSource } from '../../datadir-files.js';
import type { MetaPage } from '../../forensics/bbolt-file.js';
import type { TreeStats } from '../../forensics/bbolt-tree.js';
import { BudgetSpent } from '../../forensics/bytes.js';
import { type DbFindings, readDb } from '../../forensics/db.js';
import { explainMissing, needsLocal } from '../../local-files.js';
import { defineProbe, ProbeError } from '../../probe.js';

const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

export default defineProbe({
  kind: 'datadir-db',
  scope: 'member',
  title: 'Structure of the database, and what etcd keeps in it about itself',
  reads:
    'page figures, revisions, raft state, membership and alarms of the database, never a key or value; of a running member at most 64 MB',
  permission: 'root or the user of etcd (the data dir has mode 0700)',
  impact: 'read-only',
  cost: 'moderate',
  phase: 'once',
  timeoutMs: 120_000,
  appliesTo: (target) => needsDataDir(target) ?? needsLocal(target),
  source: ({ local }) => `${local?.dataDir ?? '<data-dir>'}/member/snap/db`,
  run: async (context) => {
    const at = await dataDirFiles(context);
    const path = `${at.snapDir}/db`;
    try {
      return await withSource(context, at, path, async (bytes) => {
        if (bytes.size === 0)
          return { state: 'empty' as const, message: 'the database file is empty', source: path, parts: [] };
        const found = await readDb(bytes, {
          live: at.running,
          remainingBytes: at.meter.remainingBytes,
          pause: sleep,
        });
        const unread = found.limit !== undefined && !at.light;
        return {
          state: unread ? ('partial' as const) : ('ok' as const),
          ...(unread
            ? { reason: 'item-timeout' as const, message: 'the database was not read to its end in time' }
            : {}),
          source: path,
          parts: [
            {
              content: artifactOf(at, path, bytes.size, found),
              ...(found.limit === undefined || unread
                ? {}
                : { truncation: { description: 'not all pages of the database were read: the member runs' } }),
            },
          ],
        };
      });
    } catch (error) {
      if (error instanceof BudgetSpent)
        throw new ProbeError('timeout', 'item-timeout', `${path}: not even the meta pages could be read in time`);
      const explained = explainMissing(error, at.view);
      if (explained instanceof ProbeError && explained.reason === 'file-missing')
        return { state: 'empty', message: 'there is no database in the data dir', source: path, parts: [] };
      throw explained;
    }
  },
});

const artifactOf = (at: DataDirFiles, path: string, size: number, found: DbFindings): DatadirDbArtifact => {
  const { metas, state, problems, freelist, reachedPages } = found;
  const { members, removedMembers, alarms, auth, malformed, ...records } = state;
  const users = found.buckets.find(({ name }) => name === 'authUsers');
  const roles = found.buckets.find(({ name }) => name === 'authRoles');
  const counted = {
    ...auth,
    ...(users?.complete === true ? { users: `${users.keys}` } : {}),
    ...(roles?.complete === true ? { roles: `${roles.keys}` } : {}),
  };
  return {
    path: at.named(path),
    inUse: at.running,
    size: `${size}`,
    pageSize: metas.pageSize,
    byteOrder: metas.littleEndian ? 'little' : 'big',
    metas: metas.metas.map(metaRecord),
    ...(metas.inForce === undefined ? {} : { inForce: metas.inForce.page }),
    truncated: found.truncated,
    consistency: {
      state: found.stateMoved ? 'live-moved' : 'still',
      pages: found.moved ? 'live-moved' : 'still',
    },
    coverage: coverageOf(at, found.complete, found.limit),
    freelist: { state: freelist.state, ...(freelist.pages === undefined ? {} : { pages: `${freelist.pages}` }) },
    ...(reachedPages === undefined ? {} : { pagesInUse: `${reachedPages}` }),
    buckets: found.buckets.map(bucketRecord),
    unknownBuckets: found.unknownBuckets,
    problems: problems.list.map(({ kind, page, bucket }) => ({ kind, page: pageText(page), bucket })),
    problemCount: problems.count,
    ...records,
    members,
    removedMembers,
    alarms,
    ...(Object.keys(counted).length === 0 ? {} : { auth: counted }),
    tombstones: `${found.tombstones}`,
    malformedRevisions: `${found.malformedRevisions}`,
    malformed,
  };
};

/** A page id from a broken page may be anything. */
const pageText = (page: number): string => (Number.isSafeInteger(page) ? `${page}` : '18446744073709551615');

const metaRecord = ({ page, problem, version, pageSize, ...ids }: MetaPage): DatadirDbArtifact['metas'][number] => ({
  page,
  valid: problem === undefined,
  ...(problem === undefined ? {} : { problem }),
  ...(version === undefined ? {} : { version }),
  ...(pageSize === undefined ? {} : { pageSize }),
  ...(ids.root === undefined ? {} : { root: `${ids.root}` }),
  ...(ids.freelist === undefined ? {} : { freelist: `${ids.freelist}` }),
  ...(ids.highWater === undefined ? {} : { highWater: `${ids.highWater}` }),
  ...(ids.txid === undefined ? {} : { txid: `${ids.txid}` }),
});

const bucketRecord = (stats: TreeStats): DatadirDbArtifact['buckets'][number] => ({
  name: stats.name as DatadirDbArtifact['buckets'][number]['name'],
  inline: stats.inline,
  rootPage: pageText(stats.root),
  depth: stats.depth,
  branchPages: stats.branchPages,
  leafPages: stats.leafPages,
  leafPagesRead: stats.leafPagesRead,
  overflowPages: stats.overflowPages,
  keys: `${stats.keys}`,
  keyBytes: `${stats.keyBytes}`,
  valueBytes: `${stats.valueBytes}`,
  ...(stats.capacityBytes === 0 || stats.inline
    ? {}
    : { leafFill: Math.round((stats.usedBytes / stats.capacityBytes) * 1000) / 1000 }),
  complete: stats.complete,
});
