import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../schemas/index.js';

/** A line as an etcd server of `version` prints it, or the kernel and systemd about it. */
export interface SignatureLine {
  readonly id: string;
  /** Release line of etcd. */
  readonly version: string;
  /** Other signatures in it: of an error in its fields, or of the message that brings the error. */
  readonly also?: readonly string[];
  readonly line: string;
}

/**
 * Lines for every signature: of the newest release line that prints it, and of 3.4 where that prints it too. Caller, message and the
 * names, types and order of the fields are those of etcd's source; values are made up, and stack traces cut to one frame.
 */
export const signatureLines = JSON.parse(
  readFileSync(join(packageRoot, 'fixtures', 'log-lines.json'), 'utf8'),
) as readonly SignatureLine[];

/** How often each signature is found when each of `lines` is read once. */
export function expected(lines: readonly SignatureLine[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { id, also = [] } of lines) for (const one of [id, ...also]) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}
