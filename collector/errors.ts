/** The command line or its files cannot be used as given: exit 2, before anything is collected. */
export class UsageError extends Error {
  constructor(
    message: string,
    /** What to do instead. */
    readonly advice?: string,
  ) {
    super(message);
    this.name = 'UsageError';
  }
}

/** The bundle cannot be written: exit 6. `path` is the file or directory, `device` the file system it is on, when known. */
export class OutputError extends Error {
  constructor(
    message: string,
    readonly path: string,
    readonly code: string,
    readonly device?: string,
  ) {
    super(message);
    this.name = 'OutputError';
  }
}

/** The finished archive still holds what its redaction mode promises to remove: it was put aside, exit 5. */
export class QuarantineError extends Error {
  constructor(
    /** Files of the archive and the rules that found something, never what they found. */
    message: string,
    /** Where the archive was put; absent when it was never written. */
    readonly path?: string,
  ) {
    super(message);
    this.name = 'QuarantineError';
  }
}

/** errno name of a Node error, else `undefined`. */
export const errnoOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** Message of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
