import type { EndpointStatusArtifact } from '../../../schemas/index.js';
import { ProbeError } from '../../probe.js';
import type { HashKVAnswer } from '../etcd.js';
import type { HashKVReply, StatusReply } from './descriptor.js';

/** Decimal uint64 to 16 lower-case hex digits; `0` means none. Throws ProbeError `malformed-answer`. */
export const hexId = (decimal: string | number | undefined | null): string => {
  try {
    return BigInt.asUintN(64, BigInt(decimal ?? 0))
      .toString(16)
      .padStart(16, '0');
  } catch {
    throw new ProbeError('failed', 'malformed-answer', 'an id in the answer is not a number');
  }
};

/** Whether a server version is at least `major.minor`; false for text that is no version. */
export const atLeast = (version: string, major: number, minor: number): boolean => {
  const [, a, b] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  if (a === undefined || b === undefined) return false;
  return Number(a) > major || (Number(a) === major && Number(b) >= minor);
};

/**
 * Status as an artifact. A field the server's release does not have reads as zero on the wire and is left out here:
 * storageVersion, dbSizeQuota and downgradeInfo came with 3.6.
 */
export const statusArtifact = (reply: StatusReply, elapsedMs: number): EndpointStatusArtifact => {
  if (reply.header === null) throw new ProbeError('failed', 'malformed-answer', 'the status has no header');
  const new36 = atLeast(reply.version, 3, 6);
  return {
    memberId: hexId(reply.header.member_id),
    clusterId: hexId(reply.header.cluster_id),
    revision: reply.header.revision,
    version: reply.version,
    dbSize: reply.dbSize,
    ...(reply.dbSizeInUse === '0' ? {} : { dbSizeInUse: reply.dbSizeInUse }),
    leader: hexId(reply.leader),
    raftIndex: reply.raftIndex,
    ...(atLeast(reply.version, 3, 4) ? { raftAppliedIndex: reply.raftAppliedIndex } : {}),
    raftTerm: reply.raftTerm,
    errors: [...reply.errors],
    isLearner: reply.isLearner,
    ...(new36 && reply.storageVersion !== '' ? { storageVersion: reply.storageVersion } : {}),
    ...(new36 && reply.dbSizeQuota !== '0' ? { dbSizeQuota: reply.dbSizeQuota } : {}),
    ...(new36 && reply.downgradeInfo !== null ? { downgradeInfo: { ...reply.downgradeInfo } } : {}),
    elapsedMs,
  };
};

/** HashKV; hash_revision came with 3.6 and is never 0 there. */
export const hashKVAnswer = (reply: HashKVReply, elapsedMs: number): HashKVAnswer => {
  if (reply.header === null) throw new ProbeError('failed', 'malformed-answer', 'the hash has no header');
  return {
    memberId: hexId(reply.header.member_id),
    headerRevision: reply.header.revision,
    hash: String(reply.hash),
    compactRevision: reply.compact_revision,
    ...(reply.hash_revision === '0' ? {} : { hashRevision: reply.hash_revision }),
    elapsedMs,
  };
};
