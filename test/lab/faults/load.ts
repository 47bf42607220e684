import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster-types.js';
import type { EtcdClient } from '../../support/etcd-client.js';

/** What a load did. Latencies are in milliseconds, of calls that succeeded. */
export type LoadResult = {
  done: number;
  failed: number;
  seconds: number;
  p50: number;
  p99: number;
  lastError?: string;
};

/** A load in progress: it ends by itself after its time, or by `stop`; both give the result. */
export type Load = { stop: () => Promise<LoadResult>; finished: Promise<LoadResult> };

type LoadOptions = {
  /** Concurrent callers, each with a connection of its own; default 4. */
  clients?: number;
  /** Bound in seconds; default 10. */
  seconds?: number;
  /** Calls per second of all clients together; default unlimited. */
  rate?: number;
  /** Call only these members; default all, in turn. */
  members?: readonly number[];
};

/** Puts of `valueBytes` (default 256) over `keys` (default 1000) keys. */
export function putLoad(
  cluster: Cluster,
  options: LoadOptions & { valueBytes?: number; keys?: number } = {},
): Promise<Load> {
  const value = Buffer.alloc(options.valueBytes ?? 256, 'v');
  const keys = options.keys ?? 1000;
  return startLoad(cluster, options, async (client, turn) => {
    await client.call('Put', { key: Buffer.from(`load/${turn % keys}`), value });
  });
}

/** Grants of leases of `ttl` seconds (default 60), each holding one key. */
export function leaseLoad(cluster: Cluster, options: LoadOptions & { ttl?: number } = {}): Promise<Load> {
  return startLoad(cluster, options, async (client, turn) => {
    const { id } = await client.call('LeaseGrant', { ttl: String(options.ttl ?? 60) });
    await client.call('Put', { key: Buffer.from(`lease/${turn}`), value: Buffer.from('x'), lease: id });
  });
}

/** Unpaged linearizable reads of the whole key space; write something large before (see `putLoad`). */
export function rangeLoad(cluster: Cluster, options: LoadOptions = {}): Promise<Load> {
  const everything = { key: Buffer.from([0]), rangeEnd: Buffer.from([0]) };
  return startLoad(cluster, options, async (client) => {
    await client.call('Range', everything, 20_000);
  });
}

/** Open `count` watches on a prefix nobody writes, spread over the running members. Returns the function that ends them. */
export async function watchLoad(cluster: Cluster, options: { count: number }): Promise<() => void> {
  const clients: EtcdClient[] = [];
  const cancels: (() => void)[] = [];
  const end = () => {
    for (const cancel of cancels) cancel();
    for (const client of clients) client.close();
  };
  try {
    for (const member of cluster.members.filter((each) => each.running)) clients.push(await member.client());
    for (let at = 0; at < options.count; at += 1) {
      const client = clients[at % clients.length];
      if (client !== undefined) cancels.push(await client.watch(`watched/${at}/`, `watched/${at}0`));
    }
  } catch (error) {
    end();
    throw error;
  }
  return end;
}

async function startLoad(
  cluster: Cluster,
  options: LoadOptions,
  act: (client: EtcdClient, turn: number) => Promise<void>,
): Promise<Load> {
  const running = cluster.members.filter(
    (member) => member.running && (options.members?.includes(member.index) ?? true),
  );
  const count = options.clients ?? 4;
  const clients: EtcdClient[] = [];
  for (let at = 0; at < count; at += 1) {
    const member = running[at % running.length];
    if (member !== undefined) clients.push(await member.client());
  }
  const started = performance.now();
  const endsAt = started + (options.seconds ?? 10) * 1000;
  const latencies: number[] = [];
  let failed = 0;
  let lastError: string | undefined;
  let turn = 0;
  let stopped = false;
  const pauseMs = options.rate === undefined ? 0 : (1000 * count) / options.rate;

  const work = async (client: EtcdClient): Promise<void> => {
    let due = performance.now() + Math.random() * pauseMs;
    while (!stopped && performance.now() < endsAt) {
      if (pauseMs > 0) {
        const wait = due - performance.now();
        if (wait > 0) await sleep(Math.min(wait, endsAt - performance.now()));
        due = Math.max(due + pauseMs, performance.now() - 1000);
      }
      turn += 1;
      const from = performance.now();
      try {
        await act(client, turn);
        latencies.push(performance.now() - from);
      } catch (error) {
        failed += 1;
        lastError = error instanceof Error ? error.message : String(error);
        await sleep(20);
      }
    }
  };

  const finished = Promise.all(clients.map(work)).then((): LoadResult => {
    for (const client of clients) client.close();
    latencies.sort((a, b) => a - b);
    const at = (share: number) =>
      latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? Number.NaN;
    const seconds = (performance.now() - started) / 1000;
    const base = { done: latencies.length, failed, seconds, p50: at(0.5), p99: at(0.99) };
    return lastError === undefined ? base : { ...base, lastError };
  });
  return {
    finished,
    stop: () => {
      stopped = true;
      return finished;
    },
  };
}
