/** Position after the varint that was read last. */
let cursor = 0;

/** A varint as a number; NaN when it is cut off or larger than 2^53. Leaves `cursor` behind it. */
const varint = (bytes: Buffer, from: number, to: number): number => {
  let value = 0;
  let scale = 1;
  for (let at = from; at < to && at < from + 10; at += 1) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      cursor = at + 1;
      return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN;
    }
    scale *= 128;
  }
  return Number.NaN;
};

/** Skips a field of that wire type; NaN when it does not fit. */
const skip = (bytes: Buffer, wireType: number, at: number, to: number): number => {
  if (wireType === 0) {
    for (let end = at; end < to && end < at + 10; end += 1) if ((bytes[end] as number) < 0x80) return end + 1;
    return Number.NaN;
  }
  if (wireType === 1) return at + 8 <= to ? at + 8 : Number.NaN;
  if (wireType === 5) return at + 4 <= to ? at + 4 : Number.NaN;
  if (wireType !== 2) return Number.NaN;
  const length = varint(bytes, at, to);
  return cursor + length <= to ? cursor + length : Number.NaN;
};

/** The record or entry read last: fields that are read by the million are not put into objects. */
export const record = { type: 0, crc: 0, from: 0, to: 0 };
export const entry = { type: 0, term: 0, index: 0, from: 0, to: 0 };

/** walpb.Record {type = 1, crc = 2, data = 3} into `record`. */
export const readRecord = (bytes: Buffer, from: number, to: number): boolean => {
  record.type = 0;
  record.crc = 0;
  record.from = to;
  record.to = to;
  for (let at = from; at < to; ) {
    const tag = varint(bytes, at, to);
    if (!(tag >= 8)) return false;
    at = cursor;
    if (tag === 8) record.type = varint(bytes, at, to);
    else if (tag === 16) record.crc = varint(bytes, at, to);
    const end = skip(bytes, tag & 7, at, to);
    if (Number.isNaN(end)) return false;
    if (tag === 26) {
      record.to = end;
      record.from = cursor;
    }
    at = end;
  }
  return !Number.isNaN(record.type) && record.crc <= 0xffff_ffff;
};

/** raftpb.Entry {Type = 1, Term = 2, Index = 3, Data = 4} into `entry`; its data is only located. */
export const readEntry = (bytes: Buffer, from: number, to: number): boolean => {
  entry.type = 0;
  entry.term = 0;
  entry.index = 0;
  entry.from = to;
  entry.to = to;
  for (let at = from; at < to; ) {
    const tag = varint(bytes, at, to);
    if (!(tag >= 8)) return false;
    at = cursor;
    if (tag === 8) entry.type = varint(bytes, at, to);
    else if (tag === 16) entry.term = varint(bytes, at, to);
    else if (tag === 24) entry.index = varint(bytes, at, to);
    const end = skip(bytes, tag & 7, at, to);
    if (Number.isNaN(end)) return false;
    if (tag === 34) {
      entry.to = end;
      entry.from = cursor;
    }
    at = end;
  }
  return !Number.isNaN(entry.type) && !Number.isNaN(entry.term) && !Number.isNaN(entry.index);
};
