import { setTimeout as sleep } from 'node:timers/promises';
import { defineFault } from '../../fault.js';
import { FaultUnsupported, fault } from '../types.js';
import { connectionEnder } from './peer-connections.js';

/** What a device with a time-out in the way does: all connections of one age end at the same moment, again and again. */
export default defineFault({
  name: 'connections-cut',
  title: 'the connections of the member with its peers are reset at a fixed interval',
  params: { everySeconds: { default: 21, about: 'seconds between two cuts; the first is at once' } },
  on: 'member',
  cluster: { hosts: true },
  truth: {
    causes: ['proxy-or-lb-interference'],
    verdict: ['investigate'],
    also: { 'peer-packet-loss': 'links break and come back' },
    fromOneNode: {
      causes: ['proxy-or-lb-interference'],
      verdict: ['investigate'],
      subject: 'any',
      missing: 'which end of the link it is, the logs of the others tell',
    },
  },
  apply: async (cluster, members, { everySeconds }) => {
    const cut = await connectionEnder(cluster, members, 'connections-cut');
    if ((await cut()) === 0)
      throw new FaultUnsupported('connections-cut', 'the kernel ends no connections on request (INET_DIAG_DESTROY)');
    const stopped = new AbortController();
    let failure: unknown;
    const cutting = (async () => {
      const began = performance.now();
      for (let turn = 1; !cluster.lab.ended; turn += 1) {
        const wait = began + turn * everySeconds * 1000 - performance.now();
        await sleep(Math.max(0, wait), undefined, { signal: stopped.signal, ref: false });
        if (!cluster.lab.ended) await cut();
      }
    })().catch((error: unknown) => {
      if (!stopped.signal.aborted && !cluster.lab.ended) failure = error;
    });
    return fault(async () => {
      stopped.abort();
      await cutting;
      if (failure !== undefined) throw failure;
    });
  },
});
