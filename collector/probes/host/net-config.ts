import { basename } from 'node:path';
import { isIP } from 'node:net';
import { attempt, needsLinux } from '../../local-files.js';
import type { FilesPort } from '../../ports/files.js';
import { defineProbe, type HostTarget, type MemberTarget, type ProbeContext } from '../../probe.js';
import { parseRoutes, parseRoutes6, type Route, routeTo } from '../../routes.js';
import { parseUrls } from '../../targets/addresses.js';
import { ownAddresses } from '../../targets/locals.js';
import type { NetConfigArtifact } from '../../../schemas/index.js';

type Interface = NetConfigArtifact['interfaces'][number];
type PeerRoute = NetConfigArtifact['routes'][number];

/** A node with many pods has a veth for each of them. */
const MAX_INTERFACES = 64;
const MAX_PEERS = 64;
const MAX_HOSTS = 64;
const MAX_WORDS = 16;
const RESOLVE_MS = 1_000;

const net = '/sys/class/net';
/** Names in statistics/ that count something that went wrong (Documentation/ABI/testing/sysfs-class-net-statistics). */
const isError = (name: string): boolean => /error|dropped|missed|collisions/.test(name);

const whole = (text: string | undefined): number | undefined => {
  const value = text === undefined ? Number.NaN : Number(text.trim());
  return Number.isInteger(value) && value >= 0 ? value : undefined;
};

const defined = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

const describe = async (files: FilesPort, name: string): Promise<Interface> => {
  const dir = `${net}/${name}`;
  const [mtu, operState, carrier, changes, speed, duplex, queue] = files.readPseudo(
    ['mtu', 'operstate', 'carrier', 'carrier_changes', 'speed', 'duplex', 'tx_queue_len'].map(
      (file) => `${dir}/${file}`,
    ),
  );
  const [device, driver, master, entries, statistics] = await Promise.all([
    attempt(files.realPath(`${dir}/device`)),
    attempt(files.realPath(`${dir}/device/driver`)),
    attempt(files.realPath(`${dir}/master`)),
    attempt(files.list(dir)),
    attempt(files.list(`${dir}/statistics`)),
  ]);
  const counters = (statistics ?? []).filter(isError);
  const values = files
    .readPseudo(counters.map((counter) => `${dir}/statistics/${counter}`))
    .map((text) => text?.trim() ?? '');
  const lower = (entries ?? []).flatMap((entry) => (entry.startsWith('lower_') ? [entry.slice('lower_'.length)] : []));
  return {
    name,
    ...defined({
      mtu: whole(mtu),
      operState: operState?.trim(),
      carrier: carrier === undefined ? undefined : carrier.trim() === '1',
      carrierChanges: whole(changes),
      // Virtual drivers say -1 or nothing at all.
      speedMbps: whole(speed) === 0 ? undefined : whole(speed),
      duplex: duplex === undefined || duplex.trim() === 'unknown' ? undefined : duplex.trim(),
      txQueueLen: whole(queue),
      driver: driver === undefined ? undefined : basename(driver),
      master: master === undefined ? undefined : basename(master),
      lower: lower.length === 0 ? undefined : lower.slice(0, MAX_WORDS),
    }),
    virtual: device === undefined,
    errors: Object.fromEntries(
      counters.flatMap((counter, at) => {
        const value = values[at] ?? '';
        return /^\d{1,20}$/.test(value) && value !== '0' ? [[counter, value]] : [];
      }),
    ),
  };
};

/** Host names and addresses in the URLs of all members. */
const hostsOf = (members: readonly MemberTarget[]): ReadonlySet<string> =>
  new Set(
    members
      .flatMap(({ clientUrls, peerUrls, endpoint }) =>
        parseUrls([...clientUrls, ...peerUrls, `http://${endpoint}`].join(',')),
      )
      .map(({ host }) => host.toLowerCase()),
  );

const peerAddresses = async (
  { net: door, signal }: ProbeContext<HostTarget>,
  members: readonly MemberTarget[],
): Promise<{ readonly memberId: string; readonly address: string }[]> => {
  const found = await Promise.all(
    members.slice(0, MAX_PEERS).map(async (member) => {
      const hosts = new Set(parseUrls(member.peerUrls.join(',')).map(({ host }) => host));
      const addresses = await Promise.all(
        [...hosts].map(async (host) => {
          if (isIP(host) !== 0) return [host];
          const answer = await attempt(door.resolve(host, { signal, timeoutMs: RESOLVE_MS }));
          return (answer?.addresses ?? []).map(({ address }) => address);
        }),
      );
      return [...new Set(addresses.flat())].map((address) => ({ memberId: member.id, address }));
    }),
  );
  return found.flat();
};

const routeOf = (
  { memberId, address }: { readonly memberId: string; readonly address: string },
  routes: readonly Route[],
  own: ReadonlySet<string>,
  mtuOf: (name: string) => number | undefined,
): PeerRoute => {
  if (own.has(address.toLowerCase())) return { memberId, address, via: 'local' };
  const route = routeTo(routes, address);
  if (route === undefined) return { memberId, address, via: 'none' };
  const mtu = route.mtu ?? mtuOf(route.interface);
  return {
    memberId,
    address,
    via: route.gateway === undefined ? 'link' : 'gateway',
    interface: route.interface,
    prefix: route.prefix,
    ...defined({ gateway: route.gateway, routeMtu: route.mtu, mtu }),
  };
};

const withoutComment = (line: string): string => line.replace(/[#;].*$/, '').trim();

/** resolv.conf(5): of several search or domain lines the last one counts. */
export const parseResolver = (text: string): NonNullable<NetConfigArtifact['resolver']> => {
  const nameservers: string[] = [];
  const options: string[] = [];
  let search: string[] = [];
  for (const line of text.split('\n').map(withoutComment)) {
    const [keyword, ...words] = line.split(/\s+/);
    if (keyword === 'nameserver') nameservers.push(...words.slice(0, 1));
    if (keyword === 'options') options.push(...words);
    if (keyword === 'search' || keyword === 'domain') search = words;
  }
  return {
    nameservers: nameservers.slice(0, MAX_WORDS),
    search: search.slice(0, MAX_WORDS),
    options: options.slice(0, MAX_WORDS),
  };
};

/** Lines about hosts of members; what else stands in the file is nobody's business. */
export const parseHosts = (text: string, wanted: ReadonlySet<string>): NetConfigArtifact['hosts'] =>
  text
    .split('\n')
    .flatMap((line) => {
      const [address = '', ...names] = withoutComment(line).split(/\s+/);
      const isWanted = wanted.has(address.toLowerCase()) || names.some((name) => wanted.has(name.toLowerCase()));
      // Loopback names are the same on every host, and no member's alone.
      return isWanted && names.length > 0 && !(address === '::1' && !names.some((name) => name !== 'localhost'))
        ? [{ address, names: names.slice(0, MAX_WORDS) }]
        : [];
    })
    .slice(0, MAX_HOSTS);

const readText = async (
  { files, signal }: ProbeContext<HostTarget>,
  path: string,
  problems: string[],
): Promise<string | undefined> => {
  try {
    return await files.readText(path, { signal });
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
    return undefined;
  }
};

export default defineProbe({
  kind: 'net-config',
  scope: 'host',
  title: 'Interfaces, routes to peers and name resolution',
  reads:
    'MTU, speed, state and error counters of interfaces; routes to the peers; resolv.conf, the hosts line of nsswitch.conf, entries of /etc/hosts for members',
  permission: 'none',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  appliesTo: needsLinux,
  source: () => `${net}, /proc/net/route, /proc/net/ipv6_route, /etc/resolv.conf, /etc/nsswitch.conf, /etc/hosts`,
  run: async (context) => {
    const { files, shared } = context;
    const problems: string[] = [];
    const [ipv4, ipv6] = files.readPseudo(['/proc/net/route', '/proc/net/ipv6_route']);
    if (ipv4 === undefined) problems.push('/proc/net/route cannot be read');
    const routes = [...parseRoutes(ipv4 ?? ''), ...parseRoutes6(ipv6 ?? '')];
    const names = (await attempt(files.list(net))) ?? [];
    if (names.length === 0) problems.push(`${net} cannot be read`);
    const addresses = await peerAddresses(
      context,
      shared.members.filter(({ local }) => local === undefined),
    );
    const mtuOf = (name: string): number | undefined => whole(files.readPseudo([`${net}/${name}/mtu`])[0]);
    const own = ownAddresses();
    const peerRoutes = addresses.map((each) => routeOf(each, routes, own, mtuOf));
    const onTheWay = new Set(peerRoutes.flatMap(({ interface: name }) => name ?? []));
    const physical = new Set<string>();
    for (const name of names.slice(0, 1024)) {
      if ((await attempt(files.stat(`${net}/${name}/device`))) !== undefined) physical.add(name);
    }
    const worth = (name: string): number =>
      onTheWay.has(name) ? 0 : physical.has(name) ? 1 : /^(veth|cali|lxc|tap|cni)/.test(name) ? 3 : 2;
    const kept = [...names].sort((a, b) => worth(a) - worth(b)).slice(0, MAX_INTERFACES);
    const interfaces: Interface[] = [];
    for (const name of kept) interfaces.push(await describe(files, name));
    const [resolver, nsswitch, hosts] = [
      await readText(context, '/etc/resolv.conf', problems),
      await attempt(files.readText('/etc/nsswitch.conf')),
      await readText(context, '/etc/hosts', problems),
    ];
    const nsswitchHosts = /^\s*hosts:\s*(.+)$/m.exec(nsswitch ?? '')?.[1];
    return {
      state: problems.length === 0 ? 'ok' : 'partial',
      ...(problems.length === 0 ? {} : { reason: 'file-access' as const, message: problems.join('; ').slice(0, 1000) }),
      source: `${net}, /proc/net/route, /proc/net/ipv6_route, /etc/resolv.conf, /etc/nsswitch.conf, /etc/hosts`,
      parts: [
        {
          content: {
            interfaces,
            ...(names.length > kept.length ? { omittedInterfaces: names.length - kept.length } : {}),
            routes: peerRoutes,
            ...(resolver === undefined ? {} : { resolver: parseResolver(resolver) }),
            ...(nsswitchHosts === undefined ? {} : { nsswitchHosts: withoutComment(nsswitchHosts).slice(0, 200) }),
            hosts: parseHosts(hosts ?? '', hostsOf(shared.members)),
            problems,
          },
        },
      ],
    };
  },
});
