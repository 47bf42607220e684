import type { ArtifactKind } from '../../schemas/index.js';

/** One file of what was given, read whole or, when it is too large, its end. Hostile: `path` is a label and never opened. */
export interface ForeignFile {
  /** The input as it was named. */
  readonly input: string;
  /** Path within the input, `/` between segments; for a loose file its own name. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Bytes at the front that were left out, of a file that is too large. */
  readonly skippedBytes: number;
  /** Last change, epoch ms; absent for standard input. */
  readonly modifiedAt?: number;
}

/** Who something is of, as far as the evidence says. Without any of the first four, only `label` holds things together. */
export interface Who {
  /** 16 hex digits. */
  readonly id?: string;
  /** Member name. */
  readonly name?: string;
  /** `host:port` of a client URL. */
  readonly address?: string;
  /** Kubernetes node or host; the member's name is this, or begins with it. */
  readonly node?: string;
  /** Where it stood, for people, and the last resort to tell things apart. */
  readonly label: string;
}

/** When something was read, and how that is known. */
export interface Moment {
  /** Epoch ms. */
  readonly at: number;
  /**
   * `stated`: in the evidence itself; `name`: in the name of the file; `file`: its last change; `estimate`: the time of the last
   * garbage collection, at most two minutes before the scrape.
   */
  readonly by: 'stated' | 'name' | 'file' | 'estimate';
}

/** One artifact-to-be. */
export interface Piece {
  readonly kind: ArtifactKind;
  readonly about: Who | { readonly host: string } | 'cluster';
  /** JSON value or text of the kind; the bytes of a log; absent when the question was put and not answered. */
  readonly value?: unknown;
  readonly moment?: Moment;
  /** First and last time in a log, epoch ms. */
  readonly span?: { readonly from: number; readonly to: number };
  /** Name of one of several logs. */
  readonly instance?: string;
  /** What the form does not show, or shows less exactly. */
  readonly lacks?: string;
  /** Why there is no value. */
  readonly failure?: { readonly state: 'unreachable' | 'failed'; readonly reason: string; readonly message: string };
  readonly skippedBytes?: number;
}

/** What one file, or one part of a paste, turned out to be. */
export interface Recognised {
  /** For people, e.g. `etcdctl endpoint status (table)`. */
  readonly form: string;
  readonly pieces: readonly Piece[];
  /** Assumptions, and what was recognised and yet not used; a sentence each. */
  readonly notes?: readonly string[];
}

/** Something that was not used. */
export interface Left {
  readonly file: string;
  readonly reason: string;
}

/** What is known of a text before it is read: from its place, never from its content. */
export interface Hint {
  readonly who: Who;
  readonly moment?: Moment;
  /** `previous`, ...: which log of several. */
  readonly instance?: string;
  /** The path says that this is etcd's own log, so that lines nobody knows are read too. */
  readonly isServerLog?: boolean;
}

/** One input, what it is, and what it gave. */
export interface Source {
  readonly file: string;
  readonly form: string;
  readonly pieces: readonly Piece[];
}
