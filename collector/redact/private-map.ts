import { closeSync, fsyncSync, writeFileSync } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { readFile } from 'node:fs/promises';
import { createTemporary } from '../bundle/temporary.js';
import { errnoOf, UsageError } from '../errors.js';
import { tokenPattern } from './identities/tokens.js';

/** What each token of a bundle stands for. Written beside the bundle with mode 0600, never into it. */
export interface PrivateMap {
  readonly magic: 'etcd-evidence-map';
  readonly bundleId: string;
  readonly keyFingerprint: string;
  /** Original by token. */
  readonly tokens: Readonly<Record<string, string>>;
}

const MAX_BYTES = 64 * 1024 * 1024;

/** `bundle.tar.gz` -> `bundle.map.json`. */
export const mapPathOf = (bundle: string): string =>
  `${bundle.replace(/(?:\.(?:tar\.gz|tgz|tar))?(?:\.age)?$/, '')}.map.json`;

/** Writes the map under a temporary name and renames it. Throws what the file system throws. */
export const writePrivateMap = async (path: string, map: PrivateMap): Promise<void> => {
  const sorted = Object.fromEntries(Object.entries(map.tokens).sort(([a], [b]) => (a < b ? -1 : 1)));
  const temp = createTemporary(path);
  try {
    try {
      writeFileSync(temp.descriptor, `${JSON.stringify({ ...map, tokens: sorted }, null, 1)}\n`);
      fsyncSync(temp.descriptor);
    } finally {
      closeSync(temp.descriptor);
    }
    await rename(temp.path, path);
  } catch (error) {
    await rm(temp.path, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    temp.forget();
  }
};

/** Throws UsageError when the file is no map. */
export const readPrivateMap = async (path: string): Promise<PrivateMap> => {
  let value: unknown;
  try {
    if ((await stat(path)).size > MAX_BYTES) throw new UsageError(`--map ${path}: too large for a map`);
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const why =
      errnoOf(error) === 'ENOENT' ? 'does not exist' : error instanceof SyntaxError ? 'is no JSON' : 'cannot be read';
    throw new UsageError(`--map ${path}: ${why}`, 'name the .map.json file that was written beside the bundle');
  }
  const map = value as Partial<PrivateMap> | null;
  if (map?.magic !== 'etcd-evidence-map' || map.tokens === null || typeof map.tokens !== 'object') {
    throw new UsageError(
      `--map ${path}: it is no map of tokens`,
      'name the .map.json file that was written beside the bundle',
    );
  }
  const tokens = Object.fromEntries(Object.entries(map.tokens).filter(([, original]) => typeof original === 'string'));
  return {
    magic: 'etcd-evidence-map',
    bundleId: String(map.bundleId ?? ''),
    keyFingerprint: String(map.keyFingerprint ?? ''),
    tokens,
  };
};

/** Turns tokens in any text back into what they stand for; tokens of other series stay. IPv6 addresses before a port get their brackets. */
export const reveal = (text: string, tokens: Readonly<Record<string, string>>): string => {
  const originalOf = (token: string): string | undefined => (Object.hasOwn(tokens, token) ? tokens[token] : undefined);
  return text.replace(tokenPattern, (token, at: number) => {
    const whole = originalOf(token);
    if (whole !== undefined) {
      return token.startsWith('ip6-') &&
        /^:\d/.test(text.slice(at + token.length, at + token.length + 2)) &&
        whole.includes(':')
        ? `[${whole}]`
        : whole;
    }
    const dot = token.indexOf('.');
    if (dot < 0) return token;
    return `${originalOf(token.slice(0, dot)) ?? token.slice(0, dot)}.${originalOf(token.slice(dot + 1)) ?? token.slice(dot + 1)}`;
  });
};
