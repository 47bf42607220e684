import { resolve } from 'node:path';
import type { CollectOutcome } from '../collect.js';
import { errnoOf, UsageError } from '../errors.js';
import { readNamedFile } from '../named-file.js';
import type { CollectOptions } from '../options.js';
import { isBundleWord } from '../redact/identities/vocabulary.js';
import type { RawFlags } from './options.js';

/** Bytes of a list of texts to remove, at most. */
const MAX_LIST = 1024 * 1024;

const values = (flags: RawFlags, name: string): string[] => {
  const value = flags[name];
  const all: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return all.filter((one) => typeof one === 'string');
};

const last = (flags: RawFlags, name: string): string | undefined => {
  const all = values(flags, name);
  if (all.length > 1) throw new UsageError(`--${name} is given ${all.length} times`, 'give it once');
  return all[0] === undefined ? undefined : resolve(all[0]);
};

const wordsIn = (file: string): string[] => {
  try {
    const { content } = readNamedFile(file, MAX_LIST + 1);
    if (content.length > MAX_LIST) throw new UsageError(`--redact-file ${file}: larger than ${MAX_LIST} bytes`);
    return content
      .toString('utf8')
      .split(/\r?\n/)
      .map((line) => line.trim());
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `--redact-file ${file}: ${errnoOf(error) === 'ENOENT' ? 'does not exist' : 'cannot be read'}`,
      'check the path',
    );
  }
};

/** Flags of mode `standard`. Throws UsageError. */
export const privacyOptions = (flags: RawFlags): Pick<CollectOptions, 'seriesKey' | 'redactWords' | 'map'> => {
  const seriesKey = last(flags, 'series-key');
  const words = [...values(flags, 'redact-word'), ...values(flags, 'redact-file').flatMap(wordsIn)].filter(
    (word) => word !== '',
  );
  const short = words.find((word) => word.trim().length < 2);
  if (short !== undefined)
    throw new UsageError('--redact-word: a single character stands everywhere', 'give a longer text');
  const own = words.find(isBundleWord);
  if (own !== undefined)
    throw new UsageError(
      `--redact-word ${JSON.stringify(own)}: bundles are made of words that contain it, and no reader would understand one without them`,
      'give a longer text, such as the whole name it is a part of',
    );
  const map = flags['map'] === false ? false : last(flags, 'map');
  return {
    ...(seriesKey === undefined ? {} : { seriesKey }),
    ...(words.length === 0 ? {} : { redactWords: words }),
    ...(map === undefined ? {} : { map }),
  };
};

/** What stays here and how the other nodes get the same tokens; for stderr. */
export const privacyLines = ({ keyPath, keyCreated, mapPath }: NonNullable<CollectOutcome['privacy']>): string => {
  const lines =
    mapPath === undefined
      ? []
      : [`Keep here: ${mapPath} (what the tokens stand for; etcd-collect reveal REPORT --map it).`];
  if (keyPath !== undefined && keyCreated) {
    lines.push(
      `For the same tokens on other nodes: scp -p ${keyPath} NODE:series.key, and there etcd-collect --series-key series.key`,
    );
  }
  return lines.join('\n');
};
