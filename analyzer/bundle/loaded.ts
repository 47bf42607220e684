import type { ArtifactKind, Bundle, Manifest, Target } from '../../schemas/index.js';
import type { LogSummary } from '../logs/types.js';

export type ItemRecord = Manifest['items'][number];

/** `keyId` of what was not checked is only what the file claims. */
export interface SignatureState {
  readonly state: 'verified' | 'not-checked' | 'absent';
  /** SHA-256 of the public key, hex. */
  readonly keyId?: string;
}

/** One artifact of one bundle before bundles are merged; `value` is checked against the schema of `kind`. */
export interface StoredArtifact {
  readonly kind: ArtifactKind;
  readonly target: Target;
  readonly round?: number;
  readonly path: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly value: unknown;
}

/** One log file of one bundle, summarised while it streamed by. */
export interface StoredLog {
  readonly target: Target;
  readonly instance?: string;
  readonly path: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly summary: LogSummary;
  readonly flaws: readonly string[];
}

/** What one archive or directory gave: all of it that is intact, and what is not. */
export interface LoadedBundle {
  /** Name as given, for messages. */
  readonly file: string;
  readonly header: Bundle;
  /** Absent when the archive ends before it or it cannot be used. */
  readonly manifest?: Manifest;
  /** Manifest items, or items reconstructed from paths when the manifest is missing. */
  readonly items: readonly (ItemRecord & { readonly damage?: readonly string[] })[];
  readonly artifacts: readonly StoredArtifact[];
  readonly logs: readonly StoredLog[];
  /** Whole, every hash and schema right. */
  readonly intact: boolean;
  readonly problems: readonly string[];
  /** The file was encrypted. */
  readonly encrypted?: boolean;
  /** Absent for a bundle from a stream, which has no file beside it. */
  readonly signature?: SignatureState;
}
