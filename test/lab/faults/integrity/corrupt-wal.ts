import { defineFault } from '../../fault.js';
import { deadFromOutside, deadMemberConsequences } from '../storage/support/truths.js';
import { flip } from './support/flip.js';
import { damageOffline, restartParam } from './support/offline.js';
import { HEAD, newestSegment, type WalRecord, type WalSegment } from './support/wal-file.js';

/** What is inverted of a record, by where it begins and how many bytes of data it has. */
const places: Readonly<Record<string, (record: WalRecord) => { readonly at: number; readonly bytes: number }>> = {
  data: ({ offset, dataBytes }) => ({ at: offset + HEAD + Math.floor(dataBytes / 2), bytes: 8 }),
  record: ({ offset }) => ({ at: offset + HEAD, bytes: 8 }),
  length: ({ offset }) => ({ at: offset, bytes: HEAD }),
};

/** The largest in the second half: its middle is what a client wrote, not what etcd put around it. */
const chosen = ({ path, records }: WalSegment): WalRecord => {
  const [largest] = records.slice(Math.floor(records.length / 2)).sort((a, b) => b.dataBytes - a.dataBytes);
  if (largest === undefined || largest.dataBytes < 128) throw new Error(`${path} has no record of 128 bytes yet`);
  return largest;
};

/** The sector that came back wrong. */
export default defineFault({
  name: 'corrupt-wal',
  title: 'a record in the write-ahead log was damaged while the member was down',
  params: {
    where: {
      default: 'data',
      about: 'data: does not match its checksum; record: cannot be decoded; length: its length is absurd',
    },
    restartSeconds: restartParam,
  },
  on: 'member',
  truth: {
    causes: ['wal-corrupt-crc'],
    // One of three voters does not start, no spare is left.
    verdict: ['intervene-now'],
    also: deadMemberConsequences,
    fromOneNode: deadFromOutside,
  },
  apply: (cluster, members, { where, restartSeconds }) => {
    const place = places[where];
    if (place === undefined) throw new Error(`corrupt-wal: where is data, record or length, not ${where}`);
    return damageOffline(cluster, members, {
      restartSeconds,
      act: async (member) => {
        const segment = newestSegment(member);
        const { at, bytes } = place(chosen(segment));
        await flip(segment.path, at, bytes);
      },
    });
  },
});
