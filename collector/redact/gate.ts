import { type Identities, isGzip, unzip } from './identities/index.js';
import { redactBytes } from './text.js';
import type { RedactionMode } from './index.js';

/** What the mode promises and a content breaks: rule and how often, never the value. Empty when nothing is left. */
export type Leftovers = Readonly<Record<string, number>>;

/** Looks for everything that the mode should have removed. Throws when the content cannot be searched. */
export type Inspect = (bytes: Buffer) => Leftovers;

export const createInspector = (mode: RedactionMode, identities: Identities | undefined): Inspect =>
  mode === 'none'
    ? () => ({})
    : (bytes) => {
        const { count } = redactBytes(isGzip(bytes) ? unzip(bytes) : bytes);
        return { ...(count > 0 ? { secret: count } : {}), ...identities?.leftIn(bytes) };
      };

/** `rule (times)` of each rule, for messages. */
export const describeLeftovers = (left: Leftovers): string =>
  Object.entries(left)
    .map(([rule, count]) => `${rule} (${count})`)
    .join(', ');
