import type { FaultDefinition } from '../../fault.js';
import corruptDb from './corrupt-db.js';
import corruptSnap from './corrupt-snap.js';
import corruptWal from './corrupt-wal.js';
import diverge from './diverge.js';
import lostDataDir from './lost-data-dir.js';
import tornWal from './torn-wal.js';

export const integrityFaults = [
  corruptWal,
  tornWal,
  corruptSnap,
  corruptDb,
  lostDataDir,
  diverge,
] as unknown as readonly FaultDefinition[];
