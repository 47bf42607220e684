import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { defineFault } from '../../fault.js';
import { onEach } from '../all-of.js';
import { repeat } from '../repeat.js';
import { type Fault, fault } from '../types.js';
import { hostOf } from './support/io-limit.js';
import { slowStorageConsequences } from './support/truths.js';
import { openVolume } from './support/volume.js';

interface Rhythm {
  readonly everyS: number;
  readonly ms: number;
}

/** A path failover, a controller reset: requests hang in the device, then all are answered. */
async function stallDevice(cluster: Cluster, member: Member, { everyS, ms }: Rhythm): Promise<Fault> {
  const volume = await openVolume(cluster, member, 'disk-stall');
  const stalls = repeat(cluster, async (wait) => {
    volume.limit({ bytesPerSecond: 1 });
    try {
      await wait(ms);
    } finally {
      if (!cluster.lab.ended) volume.limit({});
    }
    await wait(everyS * 1000 - ms);
  });
  return fault(async () => {
    await stalls.stop();
    await volume.remove();
  });
}

/** What a volume snapshot does to a file system that it wants consistent: whoever writes waits before the block layer is reached. */
async function freeze(cluster: Cluster, member: Member, { everyS, ms }: Rhythm): Promise<Fault> {
  const { disk } = hostOf(member);
  cluster.lab.onEnd(`fsfreeze -u '${disk}'`);
  // A process of its own, which nothing ends with this one: whatever becomes of the lab, it thaws what it froze.
  const script = 'fsfreeze -f "$1" && sleep "$2"; fsfreeze -u "$1"';
  const stalls = repeat(cluster, async (wait) => {
    const child = spawn('sh', ['-c', script, 'sh', disk, String(ms / 1000)], {
      stdio: 'ignore',
      detached: true,
      cwd: '/',
    });
    child.unref();
    await wait(everyS * 1000);
  });
  return fault(async () => {
    await stalls.stop();
    // The last one thaws by itself.
    await sleep(ms + 200);
  });
}

export default defineFault({
  name: 'disk-stall',
  title: 'the storage under the member stands still for seconds, now and then',
  params: {
    everyS: { default: 10, about: 'seconds from one stall to the next' },
    ms: { default: 2500, about: 'milliseconds that it stands still', strength: true },
    how: { default: 'device', about: 'device: requests hang in the block device; freeze: the file system is frozen' },
  },
  on: 'member',
  cluster: { hosts: true, disks: 'device' },
  truth: {
    causes: ['disk-stall-intermittent'],
    verdict: ['investigate'],
    also: slowStorageConsequences,
  },
  apply: (cluster, members, { everyS, ms, how }) => {
    const act = { device: stallDevice, freeze }[how];
    if (act === undefined) throw new Error(`disk-stall: how is device or freeze, not ${how}`);
    return onEach(members, (member) => act(cluster, member, { everyS, ms }));
  },
});
