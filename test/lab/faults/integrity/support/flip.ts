import { open } from 'node:fs/promises';

/** Overwrite bytes of a file in place. */
export async function overwrite(path: string, offset: number, bytes: Buffer): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.write(bytes, 0, bytes.length, offset);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Invert `count` bytes of a file. */
export async function flip(path: string, offset: number, count: number): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    const bytes = Buffer.alloc(count);
    const { bytesRead } = await handle.read(bytes, 0, count, offset);
    if (bytesRead !== count) throw new Error(`${path} ends before ${offset + count}`);
    await handle.write(Buffer.from(bytes.map((byte) => byte ^ 0xff)), 0, count, offset);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
