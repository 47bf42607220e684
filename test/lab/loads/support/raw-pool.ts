import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { connectRaw, type RawClient, type RawOptions } from './raw.js';

const AGAIN_MS = 500;

/** Connections that are made again when they break, each with work of its own to do whenever it is made. */
export type RawPool = { readonly close: () => void };

/**
 * Keep `count` connections open, to the members in turn. `use` is called with each as soon as it stands and again after each break;
 * it resolves when the connection is no longer of use. Resolves itself when each has been tried once.
 */
export async function keepConnected(
  cluster: Cluster,
  count: number,
  use: (client: RawClient, at: number) => Promise<void>,
  options: RawOptions & {
    /** Default: all members in turn. */
    readonly members?: readonly Member[];
    readonly optionsOf?: (at: number) => RawOptions;
    readonly onFailure?: (error: unknown) => void;
  } = {},
): Promise<RawPool> {
  const { members = cluster.members, optionsOf, onFailure, ...own } = options;
  const clients = new Set<RawClient>();
  let closed = false;

  const keep = async (at: number, tried: () => void): Promise<void> => {
    for (let turn = at; !closed; turn += 1) {
      const member = members[turn % members.length];
      if (member === undefined) return tried();
      try {
        const client = await connectRaw(cluster, member, { ...own, ...optionsOf?.(at) });
        clients.add(client);
        try {
          tried();
          // It was closed while it connected.
          if (closed) return;
          await use(client, at);
        } finally {
          client.close();
          clients.delete(client);
        }
      } catch (error) {
        if (!closed) onFailure?.(error);
      }
      tried();
      if (!closed) await sleep(AGAIN_MS);
    }
  };
  await Promise.all(Array.from({ length: count }, (_, at) => new Promise<void>((resolve) => void keep(at, resolve))));
  return {
    close: () => {
      closed = true;
      for (const client of clients) client.close();
    },
  };
}
