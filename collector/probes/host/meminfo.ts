import { wholeProcFile } from '../../host-texts.js';
import { defineProbe } from '../../probe.js';

export default defineProbe({
  kind: 'meminfo',
  title: 'Memory of the host',
  ...wholeProcFile('/proc/meminfo'),
});
