const POLYNOMIAL = 0x82f63b78;
const SLICES = 8;

/** Tables for eight bytes at a time, one after another in one array. */
const tables = ((): Int32Array => {
  const made = new Int32Array(256 * SLICES);
  for (let n = 0; n < 256; n += 1) {
    let value = n;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
    made[n] = value;
  }
  for (let slice = 1; slice < SLICES; slice += 1) {
    for (let n = 0; n < 256; n += 1) {
      const previous = made[(slice - 1) * 256 + n] as number;
      made[slice * 256 + n] = (previous >>> 8) ^ (made[previous & 0xff] as number);
    }
  }
  return made;
})();

/**
 * CRC-32C (Castagnoli) of bytes `from` to `to`, continued from the checksum of what came before (0 at the start): the checksum of etcd's
 * WAL and snapshot files. An unsigned 32-bit number.
 */
export const crc32c = (previous: number, bytes: Uint8Array, from = 0, to = bytes.length): number => {
  const t = tables;
  let crc = ~previous;
  let at = from;
  const aligned = to - 7;
  for (; at < aligned; at += 8) {
    const low =
      crc ^
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24));
    crc =
      (t[1792 + (low & 0xff)] as number) ^
      (t[1536 + ((low >>> 8) & 0xff)] as number) ^
      (t[1280 + ((low >>> 16) & 0xff)] as number) ^
      (t[1024 + (low >>> 24)] as number) ^
      (t[768 + (bytes[at + 4] as number)] as number) ^
      (t[512 + (bytes[at + 5] as number)] as number) ^
      (t[256 + (bytes[at + 6] as number)] as number) ^
      (t[bytes[at + 7] as number] as number);
  }
  for (; at < to; at += 1) crc = (crc >>> 8) ^ (t[(crc ^ (bytes[at] as number)) & 0xff] as number);
  return ~crc >>> 0;
};

/** A checksum as eight hex digits. */
export const crcText = (crc: number): string => crc.toString(16).padStart(8, '0');
