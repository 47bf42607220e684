/** One field of a message: a varint or fixed value, or the place of its bytes. */
export interface Field {
  readonly number: number;
  /** Value of a varint or fixed field. */
  readonly value?: bigint;
  /** Contents of a length-delimited field. */
  readonly bytes?: Buffer;
}

/** Most fields read of one message; etcd's own records have far fewer. */
const MAX_FIELDS = 4096;

interface Varint {
  readonly value: bigint;
  readonly next: number;
}

const readVarint = (bytes: Buffer, from: number): Varint | undefined => {
  let value = 0n;
  for (let at = from, shift = 0n; at < bytes.length && shift < 70n; at += 1, shift += 7n) {
    const byte = bytes[at] as number;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), next: at + 1 };
  }
  return undefined;
};

/** The fields of a message in wire format, in their order; `undefined` when the bytes are no message. Groups are not known. */
export const readMessage = (bytes: Buffer): readonly Field[] | undefined => {
  const fields: Field[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (fields.length >= MAX_FIELDS) return undefined;
    const tag = readVarint(bytes, at);
    if (tag === undefined || tag.value > 0xffff_ffffn) return undefined;
    const number = Number(tag.value >> 3n);
    if (number === 0) return undefined;
    at = tag.next;
    const wireType = Number(tag.value & 7n);
    if (wireType === 0) {
      const found = readVarint(bytes, at);
      if (found === undefined) return undefined;
      fields.push({ number, value: found.value });
      at = found.next;
    } else if (wireType === 2) {
      const length = readVarint(bytes, at);
      if (length === undefined || length.value > BigInt(bytes.length - length.next)) return undefined;
      const end = length.next + Number(length.value);
      fields.push({ number, bytes: bytes.subarray(length.next, end) });
      at = end;
    } else if (wireType === 1 || wireType === 5) {
      const size = wireType === 1 ? 8 : 4;
      if (at + size > bytes.length) return undefined;
      fields.push({ number, value: size === 8 ? bytes.readBigUInt64LE(at) : BigInt(bytes.readUInt32LE(at)) });
      at += size;
    } else return undefined;
  }
  return fields;
};

/** The last varint of that number (the last one wins on the wire), 0 when there is none. */
export const varintOf = (fields: readonly Field[], number: number): bigint =>
  fields.findLast((field) => field.number === number && field.value !== undefined)?.value ?? 0n;

/** The last bytes of that number. */
export const bytesFieldOf = (fields: readonly Field[], number: number): Buffer | undefined =>
  fields.findLast((field) => field.number === number && field.bytes !== undefined)?.bytes;

/** All varints of a repeated field, packed or not; `undefined` when a packed one is broken. */
export const varintsOf = (fields: readonly Field[], number: number): readonly bigint[] | undefined => {
  const values: bigint[] = [];
  for (const field of fields) {
    if (field.number !== number) continue;
    if (field.value !== undefined) values.push(field.value);
    for (let at = 0; field.bytes !== undefined && at < field.bytes.length; ) {
      const found = readVarint(field.bytes, at);
      if (found === undefined || values.length >= MAX_FIELDS) return undefined;
      values.push(found.value);
      at = found.next;
    }
  }
  return values;
};
