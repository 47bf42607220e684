import { wholeProcFile } from '../../host-texts.js';
import { defineProbe } from '../../probe.js';

export default defineProbe({
  kind: 'loadavg',
  title: 'Load of the host',
  ...wholeProcFile('/proc/loadavg'),
});
