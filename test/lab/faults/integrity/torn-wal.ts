import { truncate } from 'node:fs/promises';
import type { Member } from '../../cluster/cluster-types.js';
import { defineFault } from '../../fault.js';
import { deadFromOutside, deadMemberConsequences } from '../storage/support/truths.js';
import { overwrite } from './support/flip.js';
import { damageOffline, restartParam } from './support/offline.js';
import { HEAD, headOf, newestSegment } from './support/wal-file.js';

const SECTOR = 512;

/** A crash in the middle of a write: the first sector of a record reached the disk, the others are still the zeros of the reserve. */
export async function tear(member: Pick<Member, 'name' | 'dataDir'>): Promise<void> {
  const { path, end } = newestSegment(member);
  const length = 8 * SECTOR;
  // Up to the end of its first sector; a record begins anywhere.
  const written = SECTOR - (end % SECTOR) + SECTOR;
  await overwrite(path, end, Buffer.concat([headOf(length), Buffer.alloc(written - HEAD, 0x2a)]));
}

/** A file system that lost its newest blocks: the file ends `lose` records early, in the middle of one. */
async function cut(member: Member, lose: number): Promise<void> {
  const { path, records } = newestSegment(member);
  const last = records.at(-lose);
  if (last === undefined) throw new Error(`${path} has only ${records.length} records`);
  await truncate(path, last.offset + HEAD + Math.floor(last.dataBytes / 2));
}

export default defineFault({
  name: 'torn-wal',
  title: 'the write-ahead log ends in the middle of a record',
  params: {
    lose: {
      default: 0,
      about:
        'records lost at the end, acknowledged ones; 0: only one that was just being written, which nobody counts on',
    },
    restartSeconds: restartParam,
  },
  on: 'member',
  truth: {
    // etcd repairs it: nothing that anybody relies on is gone.
    causes: [],
    verdict: ['healthy', 'transient'],
    also: { 'wal-torn-tail': 'the end of the log was torn, and repaired at the start' },
    fromOneNode: {
      causes: [],
      verdict: ['healthy', 'transient'],
      missing: 'the repair stands in the log on its own node',
    },
  },
  apply: (cluster, members, { lose, restartSeconds }) =>
    damageOffline(cluster, members, {
      stopWith: 'SIGKILL',
      restartSeconds,
      act: (member) => (lose > 0 ? cut(member, lose) : tear(member)),
    }),
});

/** With acknowledged records lost the member does not come back. */
export const lostTailTruth = {
  causes: ['raft-log-lost', 'wal-torn-tail', 'wal-corrupt-crc'],
  verdict: ['intervene-now'],
  also: deadMemberConsequences,
  fromOneNode: deadFromOutside,
} as const;
