/** Control characters and everything else that could steer a terminal, as visible escapes; cut at 200 characters. */
export const forTerminal = (raw: string): string => {
  const cut = raw.length > 200 ? `${raw.slice(0, 200)}...` : raw;
  return cut.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
};

export type UnsafeReason =
  | 'link'
  | 'special-file'
  | 'bad-path'
  | 'duplicate'
  | 'two-roots'
  | 'too-many-entries'
  | 'entry-too-large'
  | 'too-large'
  | 'ratio'
  | 'too-slow';

/** The archive holds something no collector writes: refused whole, nothing of it is used. */
export class UnsafeArchive extends Error {
  override readonly name = 'UnsafeArchive';
  readonly reason: UnsafeReason;
  /** The entry in question, escaped; empty when it is the archive as a whole. */
  readonly entry: string;

  constructor(reason: UnsafeReason, why: string, entry = '') {
    const escaped = forTerminal(entry);
    super(escaped === '' ? why : `${escaped}: ${why}`);
    this.reason = reason;
    this.entry = escaped;
  }
}

/** Not a bundle, or so damaged that nothing in it can be analysed. */
export class DamagedArchive extends Error {
  override readonly name: string = 'DamagedArchive';
  /** Everything found wrong, the first being the message. */
  readonly problems: readonly string[];

  constructor(message: string, problems: readonly string[] = []) {
    super(message);
    this.problems = [message, ...problems];
  }
}

/** No bundle, and nothing in it is evidence of etcd in a form that is known. */
export class UnrecognisedInput extends DamagedArchive {
  override readonly name = 'UnrecognisedInput';
}

/** The bundle needs a newer reader. */
export class UnsupportedFormat extends Error {
  override readonly name = 'UnsupportedFormat';
  /** Format of the reader needed, `major.minor`. */
  readonly needed: string;

  constructor(
    needed: { readonly major: number; readonly minor: number },
    own: { readonly major: number; readonly minor: number },
  ) {
    super(
      `the bundle needs a reader of format ${needed.major}.${needed.minor}; this one reads up to ${own.major}.${own.minor}`,
    );
    this.needed = `${needed.major}.${needed.minor}`;
  }
}

/** The bundle is encrypted and cannot be opened with what was given. */
export class LockedBundle extends Error {
  override readonly name = 'LockedBundle';

  constructor(
    /** Completes "FILE ...". */
    why: string,
    /** What to do, a sentence. */
    readonly advice: string,
  ) {
    super(why);
  }
}

/** A signature was asked for, and this bundle is not what one of the keys signed: refused whole. */
export class UntrustedBundle extends Error {
  override readonly name = 'UntrustedBundle';
}

/** The input cannot be opened or read at all (missing, no permission, I/O error). */
export class UnreadableInput extends Error {
  override readonly name = 'UnreadableInput';
  readonly code: string;

  constructor(path: string, code: string) {
    super(`${forTerminal(path)}: ${code}`);
    this.code = code;
  }
}
