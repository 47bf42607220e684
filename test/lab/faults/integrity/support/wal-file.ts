import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Member } from '../../../cluster/cluster-types.js';

/** A record of a WAL segment: eight bytes that say how long it is, then the data, padded to a multiple of eight. */
export interface WalRecord {
  readonly offset: number;
  readonly dataBytes: number;
  /** Offset of what follows it. */
  readonly end: number;
}

export interface WalSegment {
  readonly path: string;
  readonly records: readonly WalRecord[];
  /** Where the next record would begin. */
  readonly end: number;
}

/** Bytes in front of a record's data. */
export const HEAD = 8;

/** Read the framing of the newest segment of a stopped member. */
export function newestSegment(member: Pick<Member, 'name' | 'dataDir'>): WalSegment {
  const dir = join(member.dataDir, 'member', 'wal');
  const name = readdirSync(dir)
    .filter((each) => each.endsWith('.wal'))
    .sort()
    .at(-1);
  if (name === undefined) throw new Error(`${member.name} has no WAL`);
  const path = join(dir, name);
  const bytes = readFileSync(path);
  const records: WalRecord[] = [];
  let at = 0;
  while (at + HEAD <= bytes.length) {
    const head = bytes.readBigUInt64LE(at);
    if (head === 0n) break;
    const dataBytes = Number(head & 0x00ff_ffff_ffff_ffffn);
    // The highest byte: set when there is padding, and how much in its lowest bits.
    const top = Number(head >> 56n);
    const padding = top >= 0x80 ? top & 0x7 : 0;
    const end = at + HEAD + dataBytes + padding;
    if (end > bytes.length) break;
    records.push({ offset: at, dataBytes, end });
    at = end;
  }
  if (records.length === 0) throw new Error(`${path} has no records`);
  return { path, records, end: at };
}

/** The eight bytes in front of a record of `dataBytes`. */
export function headOf(dataBytes: number): Buffer {
  const padding = (8 - (dataBytes % 8)) % 8;
  const head = Buffer.alloc(HEAD);
  head.writeBigUInt64LE(BigInt(dataBytes) | (padding === 0 ? 0n : BigInt(0x80 | padding) << 56n));
  return head;
}
