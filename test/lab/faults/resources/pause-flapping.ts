import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { repeat } from '../repeat.js';
import { fault } from '../types.js';

/** As a virtual machine that is frozen for backups, or that the hypervisor gives no CPU for seconds at a time. */
export default defineFault({
  name: 'pause-flapping',
  title: 'the member stands still and goes on in a rhythm',
  params: {
    stopMs: { default: 2000, about: 'milliseconds it stands still', strength: true },
    runMs: { default: 3000, about: 'milliseconds it runs in between' },
  },
  on: 'member',
  truth: { causes: ['vm-pause-or-steal'], verdict: ['investigate'] },
  apply: (cluster, members, { stopMs, runMs }) =>
    onEach(members, async (member) => {
      await member.stop('SIGSTOP');
      const rhythm = repeat(cluster, async (wait) => {
        if (!(await wait(stopMs))) return;
        await member.stop('SIGCONT');
        if (!(await wait(runMs))) return;
        await member.stop('SIGSTOP');
      });
      return fault(async () => {
        await rhythm.stop();
        await member.stop('SIGCONT');
      });
    }),
});
