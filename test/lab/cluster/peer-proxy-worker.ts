import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import type { LinkRule } from './peer-proxy.js';

/** Where one relay listens and what stands behind it; `sourceAddress` is set when a member dials from an address of its own. */
export type Lane = {
  listenAddress: string;
  listenPort: number;
  targetAddress: string;
  targetPort: number;
  sourceAddress?: string;
};

export type ProxyCommand =
  | { kind: 'rule'; from: number; to: number; rule: LinkRule }
  | { kind: 'pids'; pids: readonly number[] };
export type ProxyEvent = { sequence: number; error?: string };

const lanes = workerData as readonly Lane[];
const rules = new Map<string, LinkRule>();
let pids: readonly number[] = [];

/** Index of the member at the other end of an accepted connection, -1 if unknown. */
function dialler(socket: Socket): number {
  const byAddress = lanes.findIndex(
    (lane) => lane.sourceAddress !== undefined && lane.sourceAddress === socket.remoteAddress,
  );
  if (byAddress >= 0) return byAddress;
  // On loopback all members dial from 127.0.0.1: the kernel's socket table says whose socket it is.
  const inode = inodeOf(socket.remoteAddress ?? '', socket.remotePort ?? 0, socket.localPort ?? 0);
  return inode === undefined ? -1 : pids.findIndex((pid) => pid > 0 && owns(pid, inode));
}

function inodeOf(address: string, localPort: number, remotePort: number): string | undefined {
  const bytes = address.split('.').map(Number).reverse();
  const hexAddress = bytes
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
  const hexPort = (port: number) => port.toString(16).padStart(4, '0').toUpperCase();
  const local = `${hexAddress}:${hexPort(localPort)}`;
  for (const line of readFileSync('/proc/net/tcp', 'latin1').split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (fields[1] === local && fields[2]?.endsWith(`:${hexPort(remotePort)}`) === true) return fields[9];
  }
  return undefined;
}

function owns(pid: number, inode: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`;
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}

/** Copy one direction, late by the rule in force when a chunk arrives; order is kept, and the end is a chunk like any other. */
function pump(source: Socket, sink: Socket, rule: () => LinkRule): void {
  // One queue and one timer per direction: timers of different lengths do not fire in the order of their due times.
  const queue: { due: number; action: () => void }[] = [];
  let timer: NodeJS.Timeout | undefined;
  const drain = () => {
    timer = undefined;
    const now = performance.now();
    for (let head = queue[0]; head !== undefined && head.due <= now; head = queue[0]) {
      queue.shift();
      head.action();
    }
    const next = queue[0];
    if (next !== undefined) timer = setTimeout(drain, Math.max(1, Math.ceil(next.due - now)));
  };
  const later = (action: () => void) => {
    const { delayMs = 0, jitterMs = 0 } = rule();
    const due = performance.now() + Math.max(0, delayMs + (Math.random() * 2 - 1) * jitterMs);
    queue.push({ due: Math.max(due, queue.at(-1)?.due ?? 0), action });
    if (timer === undefined) drain();
  };
  source.on('data', (chunk: Buffer) => {
    if (rule().blackhole === true) return;
    later(() => {
      if (!sink.destroyed && !sink.write(chunk)) {
        source.pause();
        sink.once('drain', () => source.resume());
      }
    });
  });
  source.on('end', () => later(() => sink.end()));
  source.on('close', () => later(() => sink.destroySoon()));
  source.on('error', () => undefined);
}

function listen(lane: Lane, to: number): Promise<void> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (inbound) => {
    const from = dialler(inbound);
    const rule = (): LinkRule => rules.get(`${from}>${to}`) ?? {};
    inbound.on('error', () => undefined);
    // A connection of a cut link is accepted by this machine's kernel all the same; nothing ever comes through it.
    const born = rule();
    if (born.blackhole === true) {
      inbound.on('data', () => undefined);
      swallowed.add({ socket: inbound, from, to });
      inbound.on('close', () => forget(inbound));
      return;
    }
    const outbound = connect({ host: lane.targetAddress, port: lane.targetPort, noDelay: true, allowHalfOpen: true });
    established.add({ sockets: [inbound, outbound], from, to });
    pump(inbound, outbound, rule);
    pump(outbound, inbound, rule);
    outbound.on('error', () => inbound.destroy());
    inbound.on('close', () => forget(inbound));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: lane.listenAddress, port: lane.listenPort }, () => resolve());
  });
}

const swallowed = new Set<{ socket: Socket; from: number; to: number }>();
const established = new Set<{ sockets: readonly [Socket, Socket]; from: number; to: number }>();

function forget(socket: Socket): void {
  for (const entry of swallowed) if (entry.socket === socket) swallowed.delete(entry);
  for (const entry of established) if (entry.sockets[0] === socket) established.delete(entry);
}

function apply(command: ProxyCommand): void {
  if (command.kind === 'pids') {
    pids = command.pids;
    return;
  }
  const { from, to, rule } = command;
  const was = rules.get(`${from}>${to}`)?.blackhole === true;
  rules.set(`${from}>${to}`, rule);
  if (!was || rule.blackhole === true) return;
  // Bytes were lost on these streams; a healed network would have resent them, a relay can only make the member dial anew.
  for (const entry of swallowed) if (entry.from === from && entry.to === to) entry.socket.destroy();
  for (const entry of established) {
    if (entry.from === from && entry.to === to) for (const socket of entry.sockets) socket.destroy();
  }
}

parentPort?.on('message', (command: ProxyCommand & { sequence: number }) => {
  try {
    apply(command);
    parentPort?.postMessage({ sequence: command.sequence } satisfies ProxyEvent);
  } catch (error) {
    parentPort?.postMessage({ sequence: command.sequence, error: String(error) } satisfies ProxyEvent);
  }
});

Promise.all(lanes.map(listen)).then(
  () => parentPort?.postMessage({ sequence: 0 } satisfies ProxyEvent),
  (error: unknown) => parentPort?.postMessage({ sequence: 0, error: String(error) } satisfies ProxyEvent),
);
