/** Small bbolt files made by hand, laid out as bbolt lays them out. */
import { fnv1a64 } from '../../../collector/forensics/bbolt-file.js';

export const PAGE_SIZE = 4096;

export interface Element {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly bucket?: boolean;
}

const header = (id: number, flags: number, count: number, overflow: number): Buffer => {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64LE(BigInt(id));
  bytes.writeUInt16LE(flags, 8);
  bytes.writeUInt16LE(count, 10);
  bytes.writeUInt32LE(overflow, 12);
  return bytes;
};

/** Leaf page without padding. */
export const leaf = (id: number, elements: readonly Element[], pageSize = PAGE_SIZE): Buffer => {
  const heads: Buffer[] = [];
  const bodies: Buffer[] = [];
  let body = 16 + elements.length * 16;
  elements.forEach(({ key, value, bucket }, n) => {
    const head = Buffer.alloc(16);
    head.writeUInt32LE(bucket === true ? 1 : 0);
    head.writeUInt32LE(body - (16 + n * 16), 4);
    head.writeUInt32LE(key.length, 8);
    head.writeUInt32LE(value.length, 12);
    heads.push(head);
    bodies.push(key, value);
    body += key.length + value.length;
  });
  const overflow = Math.max(0, Math.ceil(body / pageSize) - 1);
  return Buffer.concat([header(id, 2, elements.length, overflow), ...heads, ...bodies]);
};

export const branch = (id: number, children: readonly { key: Buffer; page: number }[]): Buffer => {
  const heads: Buffer[] = [];
  let body = 16 + children.length * 16;
  children.forEach(({ key, page }, n) => {
    const head = Buffer.alloc(16);
    head.writeUInt32LE(body - (16 + n * 16));
    head.writeUInt32LE(key.length, 4);
    head.writeBigUInt64LE(BigInt(page), 8);
    heads.push(head);
    body += key.length;
  });
  return Buffer.concat([header(id, 1, children.length, 0), ...heads, ...children.map(({ key }) => key)]);
};

export const meta = (
  page: 0 | 1,
  fields: { root: number; highWater: number; txid: number; freelist?: number; pageSize?: number },
): Buffer => {
  const body = Buffer.alloc(64);
  body.writeUInt32LE(0xed0cdaed);
  body.writeUInt32LE(2, 4);
  body.writeUInt32LE(fields.pageSize ?? PAGE_SIZE, 8);
  body.writeBigUInt64LE(BigInt(fields.root), 16);
  body.writeBigUInt64LE(fields.freelist === undefined ? 0xffff_ffff_ffff_ffffn : BigInt(fields.freelist), 32);
  body.writeBigUInt64LE(BigInt(fields.highWater), 40);
  body.writeBigUInt64LE(BigInt(fields.txid), 48);
  body.writeBigUInt64LE(fnv1a64(body.subarray(0, 56)), 56);
  return Buffer.concat([header(page, 4, 0, 0), body]);
};

export const freelist = (id: number, pages: readonly number[]): Buffer => {
  const ids = Buffer.alloc(pages.length * 8);
  for (const [n, page] of pages.entries()) ids.writeBigUInt64LE(BigInt(page), n * 8);
  return Buffer.concat([header(id, 0x10, pages.length, 0), ids]);
};

/** Pages at their places; the first page of a longer one counts. */
export const file = (pages: Readonly<Record<number, Buffer>>, highWater: number, pageSize = PAGE_SIZE): Buffer => {
  const bytes = Buffer.alloc(highWater * pageSize);
  for (const [id, page] of Object.entries(pages)) page.copy(bytes, Number(id) * pageSize);
  return bytes;
};

export const revision = (main: number, sub = 0, tombstone = false): Buffer => {
  const key = Buffer.alloc(tombstone ? 18 : 17);
  key.writeBigInt64BE(BigInt(main));
  key[8] = 0x5f;
  key.writeBigInt64BE(BigInt(sub), 9);
  if (tombstone) key[17] = 0x74;
  return key;
};

/** A bucket with a root page of its own, or with its page inside the value. */
export const bucket = (name: string, root: number | readonly Element[]): Element => {
  const head = Buffer.alloc(16);
  if (typeof root === 'number') head.writeBigUInt64LE(BigInt(root));
  return {
    key: Buffer.from(name),
    value: typeof root === 'number' ? head : Buffer.concat([head, leaf(0, root)]),
    bucket: true,
  };
};

export const text = (key: string, value: string | Buffer): Element => ({
  key: Buffer.from(key),
  value: typeof value === 'string' ? Buffer.from(value) : value,
});

export const uint64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
};
