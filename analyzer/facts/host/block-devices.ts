import { defineFact, observed } from '../../fact.js';
import { readAll, sourceOf } from '../access.js';

export default defineFact({
  scope: 'host',
  id: 'blockDevices',
  title: 'Devices under data and WAL: what they are and on what they lie',
  artifacts: ['block-devices'],
  derive: (ctx) => {
    const read = readAll(ctx.case, 'block-devices', ctx.id);
    if (!read.ok) return read;
    const latest = read.value.at(-1) ?? read.value[0];
    return observed({ devices: latest.value.devices }, [sourceOf(latest)]);
  },
});
