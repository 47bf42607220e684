import { defineFault } from '../../fault.js';
import { deadFromOutside, deadMemberConsequences } from '../storage/support/truths.js';
import { flip } from './support/flip.js';
import { damageOffline, restartParam } from './support/offline.js';
import { newestSegment } from './support/wal-file.js';

/** The sector that came back wrong: a record in the middle of the newest segment does not match its checksum. */
export default defineFault({
  name: 'corrupt-wal',
  title: 'a record in the middle of the write-ahead log was damaged while the member was down',
  params: { bytes: { default: 8, about: 'bytes inverted' }, restartSeconds: restartParam },
  on: 'member',
  truth: {
    causes: ['wal-corrupt-crc'],
    // One of three voters does not start, no spare is left.
    verdict: ['intervene-now'],
    also: deadMemberConsequences,
    fromOneNode: deadFromOutside,
  },
  apply: (cluster, members, { bytes, restartSeconds }) =>
    damageOffline(cluster, members, {
      restartSeconds,
      act: async (member) => {
        const { path, records } = newestSegment(member);
        const large = records.slice(Math.floor(records.length / 2)).find(({ dataBytes }) => dataBytes >= 2 * bytes);
        if (large === undefined) throw new Error(`${path} has no record of ${2 * bytes} bytes in its second half`);
        await flip(path, large.offset + 8 + Math.floor((large.dataBytes - bytes) / 2), bytes);
      },
    }),
});
