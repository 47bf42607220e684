import { readPackageFile } from '../../schemas/index.js';

/**
 * Where a signature may match.
 * - `msg`: the `msg` of a zap line, as a whole (or by pattern)
 * - `text`: the message part of a 3.4 text line
 * - `msg-or-text`: both (the raft library's own lines)
 * - `anywhere`: error fields, fatal text, panics, kernel lines, and messages
 */
export type SignaturePlace = 'msg' | 'text' | 'msg-or-text' | 'anywhere';

/**
 * How the value of a field is read.
 * - `duration`: Go duration, kept in seconds
 * - `setting`: a configured value printed along, kept as text, last value only
 * - `bytes`, `count`: numbers whose worst value matters (raw text is kept beside the number)
 * - `id`: member, cluster or lease id, kept as 16 hex digits
 * - `exact`: 64-bit revision, index, term or hash, kept as text, last value only
 * - `text`, `error`: counted by value; `error` is also searched for `anywhere` signatures
 * - `response`: etcd's summary of an answer, read for its size and its number of keys
 */
export type FieldType = 'duration' | 'setting' | 'bytes' | 'count' | 'id' | 'exact' | 'text' | 'error' | 'response';

/** One known log message. `message` is literal; `pattern` needs `needles`, of which every matching text holds at least one. */
export interface LogSignature {
  readonly id: string;
  /** Signatures of one meaning share a group: the id of the zap form. Defaults to `id`. */
  readonly group?: string;
  readonly where: SignaturePlace;
  readonly message?: string;
  readonly pattern?: string;
  readonly needles?: readonly string[];
  /** A text that matches `pattern`, without timestamp and package. */
  readonly example?: string;
  /** capnslog package of a 3.4 text line. */
  readonly package?: string;
  readonly level: string;
  /** The same message at another level means something else. */
  readonly exactLevel?: boolean;
  readonly versions: readonly string[];
  /** First patch release with this message, by minor version. */
  readonly since?: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, FieldType>>;
  /** Group names of `pattern` -> field names of the zap form. */
  readonly as?: Readonly<Record<string, string>>;
  readonly meaning: string;
  /** Where upstream prints it: `release-x.y:path:line`, or the system that does. */
  readonly source: string;
}

let loaded: readonly LogSignature[] | undefined;

/** All signatures, read once. Throws when the data file is missing or is no JSON: the installation is broken then. */
export function logSignatures(): readonly LogSignature[] {
  loaded ??= JSON.parse(readPackageFile('analyzer/knowledge/log-signatures.json')) as readonly LogSignature[];
  return loaded;
}

/** The group of a signature: the id under which all forms of one message are joined. */
export function groupOf(signature: LogSignature): string {
  return signature.group ?? signature.id;
}
