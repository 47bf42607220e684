import type { Copies, DataCopy } from '../facts/values/copies.js';

/** The largest of those that are known. */
export const max = (values: readonly (bigint | null)[]): bigint | null =>
  values.reduce((most, each) => (each !== null && (most === null || each > most) ? each : most), null);

/** Its log was read to an end that etcd would find, too. */
export const wholeLog = ({ wal }: DataCopy): boolean => wal.state === 'sound' || wal.state === 'repairable';

/** The committed entries that a recovery from the copy keeps: etcd drops what lies behind its commit index (--force-new-cluster). */
export const keeps = (copy: DataCopy): bigint | null => {
  if (copy.state === 'missing' || copy.db.state === 'damaged' || copy.db.state === 'missing') return null;
  return wholeLog(copy) ? max([copy.commit, copy.applied, copy.snapshot?.index ?? null]) : copy.applied;
};

/** Everything a copy proves to be committed. */
export const proves = (copy: DataCopy): bigint | null =>
  max([copy.commit, copy.applied, copy.snapshot?.index ?? null, copy.beyond?.commit ?? null]);

/** What is committed is in the logs of a majority; where all were read and fewer hold it, some lost what they had acknowledged. */
export const lostAcksOf = (
  voters: readonly string[],
  needed: number,
  commit: bigint | null,
  copyOf: (voter: string) => DataCopy | undefined,
): Copies['lostAcks'] => {
  const copies = voters.map(copyOf);
  // Files of members that run are of different moments.
  if (commit === null || !copies.every((copy) => copy !== undefined && copy.inUse === false && wholeLog(copy)))
    return null;
  const holds = (copy: DataCopy | undefined): boolean => (copy?.last?.index ?? 0n) >= commit;
  const holders = voters.filter((_, i) => holds(copies[i]));
  if (holders.length >= needed) return null;
  return { commit, holders, suspects: voters.filter((voter) => !holders.includes(voter)) };
};
