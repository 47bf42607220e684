import type { TakenFile } from './intake.js';

/** `SHA256SUMS`: lines of `<hex>  <path>`, the path below the root; undefined when the file is missing or cut off. */
export const checksumsOf = (file: TakenFile | undefined): ReadonlyMap<string, string> | undefined => {
  if (file === undefined || !file.whole || typeof file.value !== 'string') return undefined;
  const sums = new Map<string, string>();
  for (const line of file.value.split('\n')) {
    const match = /^([0-9a-f]{64}) [ *](?:\.\/)?(.+)$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) sums.set(match[2], match[1]);
  }
  return sums;
};
