import { wholeProcFile } from '../../host-texts.js';
import { defineProbe } from '../../probe.js';

export default defineProbe({
  kind: 'diskstats',
  title: 'I/O counters of block devices',
  ...wholeProcFile('/proc/diskstats'),
});
