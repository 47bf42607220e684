import { setTimeout as sleep } from 'node:timers/promises';
import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { repeat } from '../repeat.js';
import { fault } from '../types.js';

/** A process that dies soon after every start, under a supervisor that does not give up. */
export default defineFault({
  name: 'crash-loop',
  title: 'the member is killed again and again and started again each time',
  params: {
    upMs: { default: 5000, about: 'milliseconds from a start to the next kill' },
    downMs: { default: 1500, about: 'milliseconds from a kill to the next start' },
  },
  on: 'member',
  truth: {
    causes: ['crash-loop'],
    // It votes most of the time, and it is gone for good any moment.
    verdict: ['investigate', 'intervene-now'],
    also: { 'dead-member-in-list': 'in between it is down' },
  },
  apply: (cluster, members, { upMs, downMs }) =>
    onEach(members, async (member) => {
      await member.stop('SIGKILL');
      await sleep(downMs);
      await member.start();
      const dying = repeat(cluster, async (wait) => {
        if (!(await wait(upMs))) return;
        await member.stop('SIGKILL');
        if (!(await wait(downMs))) return;
        if (!member.running) await member.start();
      });
      return fault(async () => {
        await dying.stop();
        if (!member.running) await member.start();
      });
    }),
});
