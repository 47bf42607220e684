import { endianness } from 'node:os';

/** One line of /proc/net/tcp or tcp6. */
export interface TcpSocket {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly state: string;
  /** Bytes not yet acknowledged; of a listener unused. */
  readonly txQueue: number;
  /** Bytes not yet read by the process; of a listener the connections that wait to be accepted. */
  readonly rxQueue: number;
  /** Timeouts of the retransmission timer in a row that got no answer. */
  readonly retransmits: number;
  /** `0` when no process holds it any more. */
  readonly inode: string;
}

export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

/** include/net/tcp_states.h of Linux. */
const states = [
  'UNKNOWN',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'SYN_RECV',
] as const;

const wordBytes = (word: string): number[] => {
  const bytes = [...Buffer.from(word, 'hex')];
  // The kernel prints network-order words as numbers of the machine.
  return endianness() === 'LE' ? bytes.reverse() : bytes;
};

const ipv6Of = (bytes: readonly number[]): string => {
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0));
  const text = groups.map((group) => group.toString(16));
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at += 1) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length += 1;
    if (length > best.length) best = { at, length };
  }
  if (best.at < 0) return text.join(':');
  return `${text.slice(0, best.at).join(':')}::${text.slice(best.at + best.length).join(':')}`;
};

/** `0100007F:094B`; an IPv4 address in IPv6 form becomes an IPv4 address. */
export const parseAddress = (text: string): SocketAddress | undefined => {
  const match = /^((?:[0-9A-F]{8}){1,4}):([0-9A-F]{4})$/i.exec(text);
  const [, hex, port] = match ?? [];
  if (hex === undefined || port === undefined || (hex.length !== 8 && hex.length !== 32)) return undefined;
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap(wordBytes);
  const mapped =
    bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  const address = bytes.length === 4 ? bytes.join('.') : mapped ? bytes.slice(12).join('.') : ipv6Of(bytes);
  return { address, port: Number.parseInt(port, 16) };
};

const portIn = (line: string, colon: number): number => Number.parseInt(line.slice(colon + 1, colon + 5), 16);

/** Sockets of the table whose ports `wanted` takes; lines of another shape are left out. */
export const parseTcpTable = (text: string, wanted: (localPort: number, remotePort: number) => boolean): TcpSocket[] =>
  text.split('\n').flatMap((line): TcpSocket[] => {
    // A node of Kubernetes has ten thousands of sockets, and few of them are etcd's: the ports are looked at first.
    const first = line.indexOf(':', line.indexOf(':') + 1);
    if (!wanted(portIn(line, first), portIn(line, line.indexOf(':', first + 1)))) return [];
    const [, localText = '', remoteText = '', state = '', queues = '', , retransmits = '', , , inode = ''] = line
      .trim()
      .split(/\s+/);
    const local = parseAddress(localText);
    const remote = parseAddress(remoteText);
    const [tx, rx] = queues.split(':').map((hex) => Number.parseInt(hex, 16));
    if (local === undefined || remote === undefined) return [];
    if (tx === undefined || rx === undefined || Number.isNaN(tx) || Number.isNaN(rx) || !/^\d+$/.test(inode)) return [];
    return [
      {
        local,
        remote,
        state: states[Number.parseInt(state, 16)] ?? 'UNKNOWN',
        txQueue: tx,
        rxQueue: rx,
        retransmits: Number.parseInt(retransmits, 16) || 0,
        inode,
      },
    ];
  });
