import { wholeProcFile } from '../../host-texts.js';
import { defineProbe } from '../../probe.js';

export default defineProbe({
  kind: 'cpu-stat',
  title: 'CPU time of the host: user, system, iowait, steal',
  ...wholeProcFile('/proc/stat'),
});
