import { createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { Lane, ProxyCommand, ProxyEvent } from './peer-proxy-worker.js';

export type { Lane };

/** How one direction of dialling (member `from` to member `to`, as indexes) is treated. */
export type LinkRule = { delayMs?: number; jitterMs?: number; blackhole?: boolean };

/**
 * TCP relays in front of each member's peer port, in a thread of their own, so that a busy test does not slow down raft.
 * `set(from, to, rule)` treats what member `from` and member `to` say over connections dialled by `from`; both directions of
 * those connections are delayed by `delayMs` (one way) or swallowed. Cutting a member takes both (i, j) and (j, i).
 */
export type PeerProxy = {
  set: (from: number, to: number, rule: LinkRule) => Promise<void>;
  /** Tell the relays which process is which member, to know who dials. */
  setPids: (pids: readonly (number | undefined)[]) => Promise<void>;
  close: () => Promise<void>;
};

/** Start relays; `lanes[i]` stands in front of member i. */
export async function startPeerProxy(lanes: readonly Lane[]): Promise<PeerProxy> {
  const worker = new Worker(new URL('./peer-proxy-worker.js', import.meta.url), { workerData: lanes });
  const pending = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  let sequence = 0;
  const ready = new Promise<void>((resolve, reject) => pending.set(0, { resolve, reject }));
  worker.on('message', (event: ProxyEvent) => {
    const waiter = pending.get(event.sequence);
    pending.delete(event.sequence);
    if (event.error === undefined) waiter?.resolve();
    else waiter?.reject(new Error(event.error));
  });
  worker.on('error', (error: Error) => {
    for (const waiter of pending.values()) waiter.reject(error);
    pending.clear();
  });
  await ready;
  worker.unref();

  function send(command: ProxyCommand): Promise<void> {
    sequence += 1;
    return new Promise((resolve, reject) => {
      worker.ref();
      // Only the last answer lets the process end.
      const settle = () => {
        if (pending.size === 0) worker.unref();
      };
      pending.set(sequence, {
        resolve: () => {
          settle();
          resolve();
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      worker.postMessage({ ...command, sequence });
    });
  }

  return {
    set: (from, to, rule) => send({ kind: 'rule', from, to, rule }),
    setPids: (pids) => send({ kind: 'pids', pids: pids.map((pid) => pid ?? 0) }),
    close: async () => {
      await worker.terminate();
    },
  };
}

/** A TCP port that is free on `address` now. */
export function freePort(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen({ host: address, port: 0 }, () => {
      const bound = server.address();
      const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
      server.close(() => resolve(port));
    });
  });
}
