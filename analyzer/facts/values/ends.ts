import type { CrashMarkersArtifact } from '../../../schemas/index.js';
import type { RankedCopy } from './copies.js';

/** The copy of the member's data that it starts from. */
export interface OwnCopy extends RankedCopy {
  /** Further copies of the same member in the case. */
  readonly others: number;
}

export interface CrashMarker {
  readonly kind: CrashMarkersArtifact['markers'][number]['kind'];
  readonly line: string;
  /** Epoch ms; of a dump without a time the latest moment it can be of; null when unknown. */
  readonly at: number | null;
  /** Signatures and groups of log lines that the line is of. */
  readonly says: readonly string[];
  readonly log: string;
  readonly generation: number;
}

/** How the process of a member ended before: last words, exit of its container or unit. */
export interface Crashes {
  /** Oldest first within each log, the current log first. */
  readonly markers: readonly CrashMarker[];
  /** The newest end on record, whatever the source. */
  readonly lastMarker: CrashMarker | null;
  /** The runtime or systemd says it was killed for lack of memory; null when neither was asked. */
  readonly outOfMemory: boolean | null;
  /** End of the container that was killed for it, epoch ms; null when unknown. */
  readonly outOfMemoryAt: number | null;
  /** Words of container and unit: `container 0123…: OOMKilled, exit code 137`. */
  readonly exits: readonly string[];
  /** Bytes of log searched; 0: none was. */
  readonly searchedBytes: number;
  readonly coreFiles: number;
  /** Markers of any of these signatures or groups. */
  readonly saying: (ids: readonly string[]) => readonly CrashMarker[];
}
