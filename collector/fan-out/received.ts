import { createHash } from 'node:crypto';
import {
  type Bundle,
  CHECKSUMS_PATH,
  FORMAT,
  HEADER_PATH,
  type Manifest,
  MANIFEST_PATH,
  validate,
} from '../../schemas/index.js';
import { type OpenBundle, openBundleBytes } from '../bundle/open.js';
import { messageOf } from '../errors.js';

/** A bundle that came over a stream, found whole. */
export interface Received {
  readonly bundle: OpenBundle;
  readonly header: Bundle;
  readonly manifest: Manifest;
}

/** What came is no bundle, or not a whole one; the message says why. */
export class NotABundle extends Error {
  override readonly name = 'NotABundle';
}

const excerpt = (bytes: Buffer): string =>
  bytes
    .subarray(0, 60)
    .toString('latin1')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim();

const parse = <N extends 'manifest' | 'bundle'>(name: N, path: string, { files }: OpenBundle) => {
  let value: unknown;
  try {
    value = JSON.parse(files.get(path)?.toString('utf8') ?? '');
  } catch {
    throw new NotABundle(`it has no readable ${path}`);
  }
  const checked = validate(name, value);
  if (!checked.ok) throw new NotABundle(`${path} is not understood: ${checked.errors.slice(0, 2).join('; ')}`);
  return checked.value;
};

/** SHA256SUMS comes last, names every other file and nothing else, and every sum is right. */
const checkSums = ({ files }: OpenBundle): void => {
  if ([...files.keys()].at(-1) !== CHECKSUMS_PATH) throw new NotABundle(`it does not end with ${CHECKSUMS_PATH}`);
  const named = new Set<string>();
  for (const line of files.get(CHECKSUMS_PATH)?.toString('utf8').split('\n') ?? []) {
    if (line === '') continue;
    const [, sum, path = ''] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
    const content = files.get(path);
    if (sum === undefined || content === undefined) throw new NotABundle(`a file of ${CHECKSUMS_PATH} is missing`);
    if (createHash('sha256').update(content).digest('hex') !== sum)
      throw new NotABundle(`${path} is not what ${CHECKSUMS_PATH} says`);
    named.add(path);
  }
  const extra = [...files.keys()].find((path) => path !== CHECKSUMS_PATH && !named.has(path));
  if (extra !== undefined) throw new NotABundle(`${extra} is not in ${CHECKSUMS_PATH}`);
};

/** Opens what a host sent and checks that it is whole. Throws `NotABundle`. */
export const openReceived = async (bytes: Buffer, from: string): Promise<Received> => {
  if (bytes.length === 0) throw new NotABundle('nothing came');
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b)
    throw new NotABundle(`it begins with ${JSON.stringify(excerpt(bytes))}, which a login script may have printed`);
  let bundle: OpenBundle;
  try {
    bundle = await openBundleBytes(bytes, `what ${from} sent`);
  } catch (error) {
    throw new NotABundle(messageOf(error));
  }
  // It becomes the name of a file here.
  if (!/^etcd-evidence_[A-Za-z0-9._-]{1,200}$/.test(bundle.root)) throw new NotABundle('its root has a strange name');
  const header = parse('bundle', HEADER_PATH, bundle);
  if (header.format.major !== FORMAT.major)
    throw new NotABundle(`it has format ${header.format.major}; this program knows ${FORMAT.major}`);
  const manifest = parse('manifest', MANIFEST_PATH, bundle);
  checkSums(bundle);
  return { bundle, header, manifest };
};

/** Names of the machines in it, as they call themselves. */
export const hostNamesIn = ({ bundle, manifest }: Received): string[] => {
  const paths = manifest.items.filter(({ kind }) => kind === 'host-os').flatMap((item) => item.paths);
  return paths.flatMap((path) => {
    try {
      const checked = validate('host-os', JSON.parse(bundle.files.get(path)?.toString('utf8') ?? ''));
      return checked.ok ? [checked.value.hostname] : [];
    } catch {
      return [];
    }
  });
};
