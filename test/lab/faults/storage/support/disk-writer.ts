/**
 * A program: writes blocks to files and syncs each, as fast as the disk takes them, until it is killed.
 * Arguments: directory, number of files written at the same time, KiB per block.
 */
import { constants, open } from 'node:fs/promises';
import { join } from 'node:path';

const FILE_BYTES = 64 * 1024 * 1024;
const [directory = '', writers = '1', blockKb = '1024'] = process.argv.slice(2);

const block = Buffer.alloc(Number(blockKb) * 1024, 'w');

const write = async (name: string): Promise<never> => {
  const file = await open(join(directory, name), constants.O_CREAT | constants.O_WRONLY | constants.O_DSYNC);
  for (let at = 0; ; at = (at + block.length) % FILE_BYTES) await file.write(block, 0, block.length, at);
};

await Promise.all(Array.from({ length: Number(writers) }, (_, at) => write(`other-${at}`)));
