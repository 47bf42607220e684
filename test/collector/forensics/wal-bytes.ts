/** WAL segments made by hand, in the format of etcd's encoder. */
import { crc32c } from '../../../collector/forensics/crc32c.js';

export const varint = (value: bigint | number): Buffer => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Buffer.from(bytes);
};

/** Fields of a message: numbers as varints, buffers with their length. */
export const message = (fields: readonly (readonly [number, bigint | number | Buffer])[]): Buffer =>
  Buffer.concat(
    fields.flatMap(([number, value]) =>
      Buffer.isBuffer(value)
        ? [varint((number << 3) | 2), varint(value.length), value]
        : [varint(number << 3), varint(value)],
    ),
  );

export const frame = (record: Buffer): Buffer => {
  const padding = (8 - (record.length % 8)) % 8;
  const head = Buffer.alloc(8);
  head.writeUInt32LE(record.length);
  if (padding !== 0) head[7] = 0x80 | padding;
  return Buffer.concat([head, record, Buffer.alloc(padding)]);
};

export interface WalWriter {
  readonly crc: () => number;
  /** Frames written so far. */
  readonly bytes: () => Buffer;
  readonly length: () => number;
  readonly record: (type: number, data: Buffer) => WalWriter;
  readonly entry: (index: number, term: number, data?: Buffer, type?: number) => WalWriter;
  readonly state: (term: number, vote: bigint, commit: number) => WalWriter;
  readonly snapshot: (index: number, term: number) => WalWriter;
}

export const nodeId = 0x8e9e05c52164694dn;
export const clusterId = 0xcdf818194e3a8c32n;

/** A segment with its head: checksum record, metadata. */
export const walSegment = (seed = 0, node = nodeId, cluster = clusterId): WalWriter => {
  let crc = seed;
  const parts: Buffer[] = [
    frame(
      message([
        [1, 4],
        [2, seed],
      ]),
    ),
  ];
  const writer: WalWriter = {
    crc: () => crc,
    bytes: () => Buffer.concat(parts),
    length: () => parts.reduce((sum, part) => sum + part.length, 0),
    record: (type, data) => {
      crc = crc32c(crc, data);
      parts.push(
        frame(
          message([
            [1, type],
            [2, crc],
            [3, data],
          ]),
        ),
      );
      return writer;
    },
    entry: (index, term, data = Buffer.from('payload'), type = 0) =>
      writer.record(
        2,
        message([
          [1, type],
          [2, term],
          [3, index],
          [4, data],
        ]),
      ),
    state: (term, vote, commit) =>
      writer.record(
        3,
        message([
          [1, term],
          [2, vote],
          [3, commit],
        ]),
      ),
    snapshot: (index, term) =>
      writer.record(
        5,
        message([
          [1, index],
          [2, term],
        ]),
      ),
  };
  return writer.record(
    1,
    message([
      [1, node],
      [2, cluster],
    ]),
  );
};

/** The segment in preallocated space of that size. */
export const preallocated = (bytes: Buffer, size: number): Buffer =>
  Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]);
