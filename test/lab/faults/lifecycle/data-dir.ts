import { existsSync, renameSync, rmSync } from 'node:fs';
import type { Member } from '../../cluster/cluster-types.js';

/** Move the data of a stopped member out of its sight; returns what brings them back in the place of whatever is there then. */
export function setDataAside(member: Member): () => void {
  const aside = `${member.dataDir}.aside`;
  renameSync(member.dataDir, aside);
  return () => {
    if (!existsSync(aside)) return;
    rmSync(member.dataDir, { recursive: true, force: true });
    renameSync(aside, member.dataDir);
  };
}
