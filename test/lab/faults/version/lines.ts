import { ETCD_LINES, type EtcdLine, ensureEtcd, EtcdUnavailable } from '../../../support/etcd-binaries.js';
import type { Member } from '../../cluster/cluster-types.js';
import { FaultUnsupported } from '../types.js';

/** The release line `steps` behind (or before, when negative) another one; throws `FaultUnsupported` when there is none. */
export function neighbour(line: string, steps: number): EtcdLine {
  const at = (ETCD_LINES as readonly string[]).indexOf(line);
  const found = ETCD_LINES[at + steps];
  if (at === -1 || found === undefined)
    throw new FaultUnsupported('another minor release', `none is ${steps} from ${line}`);
  return found;
}

/** Restart a member on its data with another release line; returns what starts it with its own again. */
export async function runLine(member: Member, line: EtcdLine): Promise<() => Promise<void>> {
  const before = lineOf(member.version);
  try {
    await ensureEtcd(line);
  } catch (error) {
    if (error instanceof EtcdUnavailable) throw new FaultUnsupported('another minor release', error.message);
    throw error;
  }
  await member.stop('SIGTERM');
  await member.start({ version: line });
  return async () => {
    await member.stop('SIGTERM');
    await member.start({ version: before });
  };
}

const lineOf = (version: string): EtcdLine => {
  const found = ETCD_LINES.find((line) => version.startsWith(`${line}.`));
  if (found === undefined) throw new Error(`${version} is of no known release line`);
  return found;
};
