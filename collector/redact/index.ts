import { type ArtifactKind, catalog } from '../../schemas/index.js';
import { RULESET } from './detectors.js';
import { IDENTITY_RULESET, type Identities } from './identities/index.js';
import { redactJson } from './json.js';
import { type Redacted, redactBytes, redactText } from './text.js';

export { RULESET, SECRET_MARKER } from './detectors.js';
export type { Redacted } from './text.js';

export type RedactionMode = 'standard' | 'secrets-only' | 'none';

/** Parts longer than this are withheld: they cannot be searched within the memory a run may use. */
const maxPartBytes = 256 * 1024 * 1024;

/**
 * The seam between probes and bundle: everything that is stored goes through it.
 * Methods throw when a value cannot be searched; the caller then withholds the item (never fails open).
 */
export interface Redactor {
  readonly mode: RedactionMode;
  readonly ruleset: string;
  /** Content of one artifact file. A JSON value stays a value, text comes back as bytes. */
  readonly part: (kind: ArtifactKind, content: unknown) => Redacted<unknown>;
  /** Error messages, sources, log lines. */
  readonly text: (text: string) => string;
  /** Manifest, plan and other documents of the run itself. */
  readonly document: <T>(value: T) => T;
  /** Names and addresses; only in mode `standard`, and only after everything was read. */
  readonly identities?: Identities;
  /** Replacements made by `text` and `document`. */
  readonly ownReplacements: () => number;
}

const asBytes = (content: unknown): Buffer => {
  if (Buffer.isBuffer(content)) return content;
  if (typeof content === 'string') return Buffer.from(content, 'utf8');
  throw new Error('a text artifact must be a string or a buffer');
};

/** `none` lets everything through, but for the checks that keep broken parts out. */
export const createRedactor = (mode: RedactionMode, identities?: Identities): Redactor => {
  let own = 0;
  const counted = <T>({ value, count }: Redacted<T>): T => {
    own += count;
    return value;
  };
  return {
    mode,
    ruleset: mode === 'none' ? 'none' : identities === undefined ? RULESET : `${RULESET} ${IDENTITY_RULESET}`,
    ...(identities === undefined ? {} : { identities }),
    part: (kind, content) => {
      if (catalog[kind].mediaType === 'application/json') {
        return mode === 'none' ? { value: content, count: 0 } : redactJson(content);
      }
      const bytes = asBytes(content);
      if (mode === 'none') return { value: bytes, count: 0 };
      if (bytes.length > maxPartBytes) throw new Error('too large to be searched for secrets');
      return redactBytes(bytes);
    },
    text: (text) => (mode === 'none' ? text : counted(redactText(text))),
    document: (value) => (mode === 'none' ? value : counted(redactJson(value))),
    ownReplacements: () => own + (identities?.ownReplacements() ?? 0),
  };
};
