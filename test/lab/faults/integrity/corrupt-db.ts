import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineFault } from '../../fault.js';
import { deadFromOutside, deadMemberConsequences } from '../storage/support/truths.js';
import { flip, overwrite } from './support/flip.js';
import { damageOffline, restartParam } from './support/offline.js';

/** What the two first pages of the file say: of each, a head of 16 bytes, then magic, version, page size, flags, root page, ... */
interface Meta {
  readonly offset: number;
  readonly pageBytes: number;
  readonly rootPage: bigint;
  readonly transaction: bigint;
}

const MAGIC = 0xed0cdaed;
const HEAD = 16;

function metasOf(path: string): readonly Meta[] {
  const file = readFileSync(path);
  const at = (offset: number): Meta | undefined =>
    offset + HEAD + 64 <= file.length && file.readUInt32LE(offset + HEAD) === MAGIC
      ? {
          offset,
          pageBytes: file.readUInt32LE(offset + HEAD + 8),
          rootPage: file.readBigUInt64LE(offset + HEAD + 16),
          transaction: file.readBigUInt64LE(offset + HEAD + 48),
        }
      : undefined;
  const first = at(0);
  if (first === undefined) throw new Error(`${path} is no database of the known kind`);
  const second = at(first.pageBytes);
  return second === undefined ? [first] : [first, second];
}

/** `meta`: neither of the two pages that say where everything is verifies. `page`: they do, and the root of the tree is garbage. */
async function damage(path: string, where: string): Promise<void> {
  const metas = metasOf(path);
  if (where === 'meta') {
    for (const { offset } of metas) await flip(path, offset + HEAD, 16);
    return;
  }
  if (where !== 'page') throw new Error(`corrupt-db: where is meta or page, not ${where}`);
  const [newest] = [...metas].sort((a, b) => Number(b.transaction - a.transaction));
  if (newest === undefined) throw new Error(`${path} has no meta page`);
  await overwrite(path, Number(newest.rootPage) * newest.pageBytes, Buffer.alloc(64, 0xff));
}

export default defineFault({
  name: 'corrupt-db',
  title: 'the database file was damaged while the member was down',
  params: {
    where: { default: 'page', about: 'meta: both pages that say where everything is; page: the root of the tree' },
    restartSeconds: restartParam,
  },
  on: 'member',
  truth: {
    causes: ['bbolt-corruption'],
    // One of three voters does not start, no spare is left.
    verdict: ['intervene-now'],
    also: deadMemberConsequences,
    fromOneNode: deadFromOutside,
  },
  apply: (cluster, members, { where, restartSeconds }) =>
    damageOffline(cluster, members, {
      restartSeconds,
      act: (member) => damage(join(member.dataDir, 'member', 'snap', 'db'), where),
    }),
});
