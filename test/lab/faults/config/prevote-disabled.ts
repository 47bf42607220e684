import { setTimeout as sleep } from 'node:timers/promises';
import { defineFault } from '../../fault.js';
import { restartWith } from '../lifecycle/each-member.js';
import { partition } from '../network.js';
import { fault } from '../types.js';

export default defineFault({
  name: 'prevote-disabled',
  title: 'Pre-vote is off, and a member whose link comes and goes deposes the leader each time it is back',
  params: {
    downSeconds: { default: 5, about: 'how long the link is down each time, seconds', strength: true },
    upSeconds: { default: 6, about: 'how long it is up in between, seconds' },
  },
  on: 'member',
  truth: {
    // Two things are wrong, and either explains what is felt: the link, and what its return does to the leader.
    causes: ['prevote-disabled-disruption', 'peer-packet-loss', 'member-partitioned'],
    // Whether the member is there at the end of the window is chance.
    verdict: ['investigate', 'intervene-now'],
    also: {
      'leader-flapping': 'the leader changes each time the member comes back',
      'member-partitioned': 'the member is cut off for seconds again and again',
      'peer-packet-loss': 'the link loses everything for seconds',
      'peer-port-blocked-asymmetric': 'the link is down for seconds',
      'slow-follower-lag': 'the member is behind each time it comes back',
    },
  },
  apply: async (cluster, members, { downSeconds, upSeconds }) => {
    const [member] = members;
    if (member === undefined) throw new Error('prevote-disabled needs a member');
    const undone: (() => Promise<void>)[] = [];
    const leader = await cluster.leader();
    // The leader last: one change of leadership, not one for each member.
    for (const each of [...cluster.members.filter((one) => one !== leader), leader]) {
      undone.push(await restartWith(each, ['--pre-vote=false']));
      await cluster.waitHealthy();
    }
    let stopped = false;
    const flapping = (async () => {
      while (!stopped && !cluster.lab.ended) {
        const cut = await partition(cluster, member.index);
        await pause(downSeconds, () => stopped || cluster.lab.ended);
        if (cluster.lab.ended) return;
        await cut.undo();
        await pause(upSeconds, () => stopped || cluster.lab.ended);
      }
    })();
    // Ended together with the lab it may find its network gone; `undo` tells of anything else.
    flapping.catch(() => undefined);
    return fault(async () => {
      stopped = true;
      await flapping;
      for (const undo of undone) {
        await undo();
        await cluster.waitHealthy();
      }
    });
  },
});

const pause = async (seconds: number, over: () => boolean): Promise<void> => {
  const until = performance.now() + seconds * 1000;
  while (!over() && performance.now() < until) await sleep(100);
};
