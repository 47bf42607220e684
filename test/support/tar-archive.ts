/** One entry of a hand-made tar archive; anything may be wrong about it. */
export interface TarEntry {
  readonly name: string;
  readonly content?: string | Uint8Array;
  /** Type flag; default `0` (file). */
  readonly type?: string;
  readonly linkName?: string;
  /** Size in the header when it should differ from the content's. */
  readonly claimedSize?: number;
}

const BLOCK = 512;

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;

/** A ustar header block with a right checksum. */
export const tarHeader = (entry: TarEntry): Buffer => {
  const header = Buffer.alloc(BLOCK);
  const size = entry.claimedSize ?? Buffer.byteLength(entry.content ?? '');
  header.write(entry.name, 0, 100, 'latin1');
  header.write(octal(0o600, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  if (size > 0o77777777777) {
    // GNU base-256 size.
    header.writeUInt8(0x80, 124);
    header.writeBigUInt64BE(BigInt(size), 128);
  } else header.write(octal(size, 12), 124);
  header.write(octal(0, 12), 136);
  header.write('        ', 148);
  header.write(entry.type ?? '0', 156);
  header.write(entry.linkName ?? '', 157, 100, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
};

const padding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

const bodyOf = (content: string | Uint8Array): Buffer[] => {
  const bytes = Buffer.from(content);
  return [bytes, padding(bytes.length)];
};

/** A pax header entry that overrides fields of the next entry. */
export const paxEntry = (fields: Readonly<Record<string, string>>): TarEntry => {
  const content = Object.entries(fields)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      let length = Buffer.byteLength(rest) + 1;
      while (Buffer.byteLength(`${length}${rest}`) !== length) length = Buffer.byteLength(`${length}${rest}`);
      return `${length}${rest}`;
    })
    .join('');
  return { name: 'PaxHeader', type: 'x', content };
};

/** The archive, uncompressed, with its two closing blocks. */
export const tarOf = (entries: readonly TarEntry[]): Buffer =>
  Buffer.concat([
    ...entries.flatMap((entry) => [tarHeader(entry), ...(entry.content === undefined ? [] : bodyOf(entry.content))]),
    Buffer.alloc(2 * BLOCK),
  ]);
