import { endianness } from 'node:os';
import { isIP } from 'node:net';

/** A unicast route of the main table. */
export interface Route {
  readonly family: 4 | 6;
  readonly destination: bigint;
  readonly prefix: number;
  readonly gateway?: string;
  readonly interface: string;
  readonly metric: number;
  /** Set on the route itself, bytes; IPv4 only. */
  readonly mtu?: number;
}

/** RTF_UP, RTF_GATEWAY and RTF_REJECT of include/uapi/linux/route.h. */
const flag = { up: 0x1, gateway: 0x2, reject: 0x200 } as const;
const bits = { 4: 32, 6: 128 } as const;

const dotted = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');

/** Network-order words that the kernel prints as numbers of the machine. */
const word = (hex: string): number => {
  const bytes = Buffer.from(hex, 'hex');
  return endianness() === 'LE' ? bytes.readUInt32LE(0) : bytes.readUInt32BE(0);
};

const popcount = (value: number): number => value.toString(2).replace(/0/g, '').length;

/** /proc/net/route; lines of another shape are left out. */
export const parseRoutes = (text: string): Route[] =>
  text.split('\n').flatMap((line): Route[] => {
    const [name, destination, gateway, flags, , , metric, mask, mtu] = line.trim().split(/\s+/);
    if (name === undefined || mtu === undefined) return [];
    if (![destination, gateway, mask].every((hex) => /^[0-9A-F]{8}$/i.test(hex ?? ''))) return [];
    const set = Number.parseInt(flags ?? '', 16);
    if ((set & flag.up) === 0 || (set & flag.reject) !== 0) return [];
    return [
      {
        family: 4,
        destination: BigInt(word(destination ?? '')),
        prefix: popcount(word(mask ?? '')),
        ...((set & flag.gateway) === 0 ? {} : { gateway: dotted(word(gateway ?? '')) }),
        interface: name,
        metric: Number(metric),
        ...(mtu === '0' ? {} : { mtu: Number(mtu) }),
      },
    ];
  });

const groupsOf = (hex: string): string =>
  (hex.match(/.{4}/g) ?? []).map((group) => group.replace(/^0{1,3}/, '')).join(':');

/** /proc/net/ipv6_route, where addresses are in network order. */
export const parseRoutes6 = (text: string): Route[] =>
  text.split('\n').flatMap((line): Route[] => {
    const [destination = '', prefix = '', , , gateway = '', metric = '', , , flags = '', name] = line
      .trim()
      .split(/\s+/);
    if (name === undefined || !/^[0-9a-f]{32}$/i.test(destination) || !/^[0-9a-f]{32}$/i.test(gateway)) return [];
    const set = Number.parseInt(flags, 16);
    if ((set & flag.up) === 0 || (set & flag.reject) !== 0 || !/^[0-9a-f]{2}$/i.test(prefix)) return [];
    return [
      {
        family: 6,
        destination: BigInt(`0x${destination}`),
        prefix: Number.parseInt(prefix, 16),
        ...((set & flag.gateway) === 0 ? {} : { gateway: groupsOf(gateway) }),
        interface: name,
        metric: Number.parseInt(metric, 16),
      },
    ];
  });

/** An address as a number; undefined when it is none. */
export const addressNumber = (address: string): { readonly family: 4 | 6; readonly value: bigint } | undefined => {
  const family = isIP(address);
  if (family === 4) {
    return { family, value: address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
  }
  if (family !== 6) return undefined;
  const plain = (address.split('%')[0] ?? '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    const [high, low] = [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)];
    return `${high.toString(16)}:${low.toString(16)}`;
  });
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return { family: 6, value: groups.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n) };
};

/** The route that a packet to `address` takes in these tables: the longest prefix, then the smallest metric. */
export const routeTo = (routes: readonly Route[], address: string): Route | undefined => {
  const target = addressNumber(address);
  if (target === undefined) return undefined;
  let best: Route | undefined;
  for (const route of routes) {
    if (route.family !== target.family) continue;
    const shift = BigInt(bits[route.family] - route.prefix);
    if (target.value >> shift !== route.destination >> shift) continue;
    if (
      best === undefined ||
      route.prefix > best.prefix ||
      (route.prefix === best.prefix && route.metric < best.metric)
    )
      best = route;
  }
  return best;
};
