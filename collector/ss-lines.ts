import type { SocketsArtifact } from '../schemas/index.js';
import type { SocketAddress } from './tcp-table.js';

export type TcpInfo = NonNullable<SocketsArtifact['peers'][number]['tcp']>;

export interface SsSocket {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly tcp: TcpInfo;
}

/** `10.0.0.1:2380`, `[::1]:2380`, `[::ffff:10.0.0.1]:2380`, `[fe80::1]%eth0:2380`. */
const addressOf = (text: string): SocketAddress | undefined => {
  const match = /^\[?([^\]%]+)\]?(?:%[^\]:]+)?\]?:(\d+)$/.exec(text);
  if (match?.[1] === undefined) return undefined;
  return { address: match[1].replace(/^::ffff:(?=\d+\.)/i, ''), port: Number(match[2]) };
};

const number = (text: string | undefined): number | undefined => {
  const value = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
};

/** What ss prints of tcp_info (ss(8), include/uapi/linux/tcp.h); a field that is missing is zero or unknown to that kernel. */
const infoOf = (text: string): TcpInfo => {
  const field = (name: string): string | undefined => new RegExp(String.raw`(?:^|\s)${name}:(\S+)`).exec(text)?.[1];
  const [rtt, variance] = field('rtt')?.split('/') ?? [];
  const [inFlight, total] = field('retrans')?.split('/') ?? [];
  const values: Readonly<Record<string, number | undefined>> = {
    rttMs: number(rtt),
    rttVarMs: number(variance),
    minRttMs: number(field('minrtt')),
    rtoMs: number(field('rto')),
    backoff: number(field('backoff')),
    cwnd: number(field('cwnd')),
    ssthresh: number(field('ssthresh')),
    unacked: number(field('unacked')),
    lost: number(field('lost')),
    retransInFlight: number(inFlight),
    retransTotal: number(total),
    mss: number(field('mss')),
    pmtu: number(field('pmtu')),
    lastSendMs: number(field('lastsnd')),
    lastReceiveMs: number(field('lastrcv')),
    lastAckMs: number(field('lastack')),
    notSentBytes: number(field('notsent')),
  };
  const large = {
    bytesSent: field('bytes_sent'),
    bytesRetransmitted: field('bytes_retrans'),
    bytesReceived: field('bytes_received'),
  };
  const segments = { segmentsOut: field('segs_out'), segmentsIn: field('segs_in') };
  return Object.fromEntries([
    ...Object.entries(values).filter(([, value]) => value !== undefined),
    ...Object.entries({ ...large, ...segments }).filter(([, value]) => value !== undefined && /^\d{1,20}$/.test(value)),
  ]) as TcpInfo;
};

/** Output of `ss -tinH`: a line for the socket and an indented one with its tcp_info. Lines of another shape are left out. */
export const parseSs = (text: string): SsSocket[] => {
  const sockets: SsSocket[] = [];
  let open: Omit<SsSocket, 'tcp'> | undefined;
  for (const line of text.split('\n')) {
    if (/^\s/.test(line)) {
      if (open !== undefined && /\b(?:rto|cwnd|mss):/.test(line)) sockets.push({ ...open, tcp: infoOf(line) });
      open = undefined;
      continue;
    }
    const words = line.trim().split(/\s+/);
    // The state is left out when one is asked for; the two addresses come after the two queues.
    const queues = words.findIndex((word, at) => /^\d+$/.test(word) && /^\d+$/.test(words[at + 1] ?? ''));
    const local = addressOf(words[queues + 2] ?? '');
    const remote = addressOf(words[queues + 3] ?? '');
    open = queues >= 0 && local !== undefined && remote !== undefined ? { local, remote } : undefined;
    // Some versions print both on one line (-O).
    if (open !== undefined && words.length > queues + 6 && /\brto:/.test(line)) {
      sockets.push({ ...open, tcp: infoOf(line) });
      open = undefined;
    }
  }
  return sockets;
};
