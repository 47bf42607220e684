import type { Cluster, Member } from '../../cluster/cluster-types.js';
import type { Reply } from '../../../support/etcd-client.js';
import { connectRaw, type RawClient } from './raw.js';

type Method = Parameters<RawClient['ask']>[0];

/** A connection to one member that is made when first needed, and made again after it failed. */
export type Connection = {
  readonly member: Member;
  /** False while it waits after a failure, and while a single call finds out whether it is back. */
  readonly usable: () => boolean;
  /** Throws what the member answered, or that it is not reachable. */
  readonly call: (method: Method, request: object, deadlineMs?: number) => Promise<Reply>;
  /** The client itself, for streams. */
  readonly client: () => Promise<RawClient>;
  /** Something failed outside of `call`: wait, and connect afresh. */
  readonly failed: () => void;
  readonly close: () => void;
};

export type Pool = {
  readonly connections: readonly Connection[];
  /** The next usable connection in turn; any other when none is. */
  readonly next: () => Connection;
  readonly close: () => void;
};

/** gRPC codes that say that the member, not the request, is at fault: deadline exceeded, unavailable, unauthenticated. */
const MEMBER_AT_FAULT: readonly unknown[] = [4, 14, 16];
/** Bytes a member may send ahead: a list shall not take a round trip for every 64 KiB. */
const WINDOW = 1024 * 1024;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 4_000;

export function connectionTo(cluster: Cluster, member: Member): Connection {
  let client: Promise<RawClient> | undefined;
  let wait = FIRST_WAIT_MS;
  let notBefore = 0;
  let suspect = false;
  let trying = false;
  let closed = false;

  const drop = () => {
    client?.then(
      (each) => each.close(),
      () => undefined,
    );
    client = undefined;
  };
  const failed = () => {
    if (performance.now() < notBefore) return;
    suspect = true;
    notBefore = performance.now() + wait;
    wait = Math.min(LONGEST_WAIT_MS, wait * 2);
    drop();
  };
  const open = async (): Promise<RawClient> => {
    if (closed) throw new Error(`the load on ${member.name} has ended`);
    client ??= connectRaw(cluster, member, { window: WINDOW });
    try {
      const opened = await client;
      if (opened.open()) return opened;
      // It broke while nobody used it.
      client = undefined;
      return open();
    } catch (error) {
      failed();
      throw error;
    }
  };
  return {
    member,
    usable: () => performance.now() >= notBefore && !(suspect && trying),
    client: open,
    failed,
    call: async (method, request, deadlineMs) => {
      trying = suspect;
      try {
        const used = await open();
        const reply = await used.ask(method, request, deadlineMs);
        wait = FIRST_WAIT_MS;
        suspect = false;
        return reply;
      } catch (error) {
        if (MEMBER_AT_FAULT.includes((error as { code?: unknown }).code)) failed();
        throw error;
      } finally {
        trying = false;
      }
    },
    close: () => {
      closed = true;
      drop();
    },
  };
}

/** `count` connections (default one for each), to all members in turn. */
export function openPool(cluster: Cluster, count = cluster.members.length): Pool {
  const connections = Array.from({ length: count }, (_, at) =>
    connectionTo(cluster, cluster.member(at % cluster.members.length)),
  );
  let turn = 0;
  const at = (index: number): Connection => {
    const found = connections[index % connections.length];
    if (found === undefined) throw new Error('a pool of no connections');
    return found;
  };
  return {
    connections,
    next: () => {
      turn += 1;
      for (let ahead = 0; ahead < connections.length; ahead += 1) {
        const connection = at(turn + ahead);
        if (!connection.usable()) continue;
        turn += ahead;
        return connection;
      }
      return at(turn);
    },
    close: () => {
      for (const connection of connections) connection.close();
    },
  };
}
