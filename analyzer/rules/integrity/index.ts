import type { Rule } from '../../rule.js';
import bboltCorruption from './bbolt-corruption.js';
import dataInconsistencyBetweenMembers from './data-inconsistency-between-members.js';
import hashMismatchBenign from './hash-mismatch-benign.js';
import mvccIndexInconsistency from './mvcc-index-inconsistency.js';
import raftLogLost from './raft-log-lost.js';
import snapFileCorrupt from './snap-file-corrupt.js';
import snapshotDbMissing from './snapshot-db-missing.js';
import walCorruptCrc from './wal-corrupt-crc.js';
import walTornTail from './wal-torn-tail.js';

export const integrityRules: readonly Rule[] = [
  dataInconsistencyBetweenMembers,
  hashMismatchBenign,
  walTornTail,
  walCorruptCrc,
  bboltCorruption,
  snapshotDbMissing,
  snapFileCorrupt,
  raftLogLost,
  mvccIndexInconsistency,
];
