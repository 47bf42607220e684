import { wholeProcFile } from '../../host-texts.js';
import { defineProbe } from '../../probe.js';

export default defineProbe({
  kind: 'vmstat',
  title: 'Virtual memory counters',
  ...wholeProcFile('/proc/vmstat'),
});
