import { setMaxListeners } from 'node:events';
import { absolute, attempt, fileView, throughView } from '../local-files.js';
import { findLocalMembers, type LocalDiscovery } from '../local.js';
import type { CollectOptions } from '../options.js';
import type { FilesPort } from '../ports/files.js';
import { inRoot } from '../ports/rooted-files.js';
import type { LocalMember } from '../probe.js';
import { type Address, isLoopback, isUnspecified, parseUrl, parseUrls } from '../targets/addresses.js';
import { localSeeds, ownAddresses } from '../targets/locals.js';
import { apiServerEtcd } from './apiserver.js';
import { detectPlatform, type FoundPlatform } from './detect.js';
import { findIdentity, type IdentitySearch } from './identity.js';
import { profileNamed, profiles } from './index.js';
import type { Identity, PlatformProfile } from './profile.js';
import { stoppedMember, type WrittenSettings, writtenSettings } from './stopped.js';

/** What is known of the place of a run before anything is asked of etcd. */
export interface Place {
  /** As given, with what was found here where nothing was given. */
  readonly options: CollectOptions;
  readonly platform?: FoundPlatform;
  readonly locals: LocalDiscovery;
  /** What was looked for to reach a TLS listener; absent when certificates were given or none is needed. */
  readonly identity?: IdentitySearch;
  readonly notes: readonly string[];
  /** What lies on this host belongs to the cluster that is asked. */
  readonly isOwnCluster?: boolean;
}

/** Longest look around, ms, and share of the budget; a dead file system must not hold up the run. */
const LOOK_MS = 3000;
const LOOK_SHARE = 0.25;

const none: LocalDiscovery = { members: [], notes: [] };

/**
 * Finds the platform, its members that do not run, endpoints and a client certificate. Only reads files and /proc; sends nothing. Never
 * rejects. With `--no-local` nothing is looked at, and a named platform only tells who can supply what.
 */
export const lookAround = async (
  options: CollectOptions,
  files: FilesPort,
  now: () => number = Date.now,
): Promise<Place> => {
  const wanted = options.platform ?? 'auto';
  const named = profileNamed(wanted);
  const byFlag: FoundPlatform | undefined =
    named === undefined ? undefined : { profile: named, detectedBy: 'flag', evidence: [], points: 0 };
  if (!options.local) {
    return { options, locals: none, notes: [], ...(byFlag === undefined ? {} : { platform: byFlag }) };
  }
  const signal = AbortSignal.timeout(Math.round(Math.min(LOOK_MS, options.budgetMs * LOOK_SHARE)));
  setMaxListeners(0, signal);
  const notes: string[] = [];
  const running = await findLocalMembers(files, signal).catch((error: unknown): LocalDiscovery => {
    const why = error instanceof Error ? error.message : 'unknown error';
    return { members: [], notes: [`local processes could not be listed: ${why}`] };
  });
  if (wanted === 'none') return { options, locals: running, notes };
  const seen = await detectPlatform(named === undefined ? profiles : [named], files, running.members, signal).catch(
    () => undefined,
  );
  const platform = byFlag === undefined ? seen : { ...byFlag, evidence: seen?.evidence ?? [] };
  if (platform === undefined) return { options, locals: running, notes };

  const { profile } = platform;
  const written = await writtenSettings(files, profile.settings, signal, notes);
  const members = atUsualPlace(await withWritten(files, running.members, written, signal), profile);
  const locals: LocalDiscovery = {
    members: members.map((member) =>
      isOfPlatform(member, profile, written, options.hostRoot)
        ? { ...member, logPlaces: [...(member.logPlaces ?? []), ...profile.logs] }
        : member,
    ),
    notes: running.notes,
  };
  const apiServer = await apiServerEtcd(files, signal).catch(() => undefined);
  const furtherSeeds = further(options, locals.members, written, apiServer?.servers ?? [], profile.ports.client);
  const tlsGiven = options.tls.cacert !== undefined || options.tls.cert !== undefined;
  const isOwnCluster = isOwn(options, locals.members, furtherSeeds);
  const wantsTls = !tlsGiven && wantsIdentity(options, locals.members, furtherSeeds);
  if (!wantsTls) return { options: { ...options, furtherSeeds }, platform, locals, notes, isOwnCluster };

  const candidates = [
    ...profile.identities,
    ...(await flagIdentities(files, locals.members)),
    ...(apiServer?.identity === undefined ? [] : [apiServer.identity]),
  ];
  const identity = await findIdentity(files, candidates, now(), signal);
  const real = (path: string): string => inRoot(options.hostRoot, path);
  const tls =
    identity.identity === undefined
      ? { ...options.tls, ...(identity.ca === undefined ? {} : { cacert: real(identity.ca) }) }
      : {
          ...options.tls,
          cacert: real(identity.identity.ca),
          cert: real(identity.identity.cert),
          key: real(identity.identity.key),
        };
  if (identity.identity !== undefined)
    notes.push(`client certificate ${identity.identity.cert} of ${profile.title} is used`);
  notes.push(...identity.notes);
  return { options: { ...options, tls, furtherSeeds }, platform, locals, identity, notes, isOwnCluster };
};

/** Whether it is the member that the platform runs: an etcd of somebody else on the same node must not get its log. */
const isOfPlatform = (
  { pid, dataDir, settings }: LocalMember,
  { dataDirs }: PlatformProfile,
  written: WrittenSettings | undefined,
  root: string | undefined,
): boolean =>
  pid === 0 ||
  (dataDir !== undefined && [...dataDirs, ...dataDirs.map((dir) => inRoot(root, dir))].includes(dataDir)) ||
  (written !== undefined && settings['name'] !== 'default' && settings['name'] === written.settings['name']);

/**
 * The only local process, when its settings may not be read and the platform leaves no choice of port and data dir: without them nothing would
 * tell that it is the member which answers there.
 */
const atUsualPlace = (
  members: readonly LocalMember[],
  { ports, dataDirs }: PlatformProfile,
): readonly LocalMember[] => {
  const [only, second] = members;
  const [dataDir, otherDir] = dataDirs;
  if (only === undefined || second !== undefined || ports.client === undefined) return members;
  if (only.pid === 0 || Object.keys(only.settings).length > 0 || dataDir === undefined || otherDir !== undefined)
    return members;
  return [
    {
      ...only,
      settings: { 'listen-client-urls': ports.client },
      dataDir: only.dataDir ?? dataDir,
      matchedBy: `${only.matchedBy}, usual port and data dir of the platform`,
    },
  ];
};

/** Running processes, told more by the written settings where their environment may not be read; and the member that does not run. */
const withWritten = async (
  files: FilesPort,
  running: readonly LocalMember[],
  written: WrittenSettings | undefined,
  signal: AbortSignal,
): Promise<readonly LocalMember[]> => {
  if (written === undefined) return running;
  const stopped = stoppedMember(written);
  const described = await Promise.all(
    running.map(async (member): Promise<LocalMember> => {
      const readable = (await attempt(files.readText(`/proc/${member.pid}/environ`, { signal }))) !== undefined;
      const isBare = member.settings['name'] === undefined || member.settings['name'] === 'default';
      if (readable || !isBare || !/etcd\.env$|default\/etcd$|etcd\.conf$/.test(written.source)) return member;
      const { dataDir, walDir } = stopped;
      return {
        ...member,
        settings: written.settings,
        ...(dataDir === undefined ? {} : { dataDir }),
        ...(walDir === undefined ? {} : { walDir }),
        matchedBy: `${member.matchedBy}, settings of ${written.source}`,
      };
    }),
  );
  const isRunning = described.some(
    ({ settings, dataDir }) =>
      (settings['name'] === stopped.settings['name'] && settings['name'] !== 'default') ||
      (dataDir !== undefined && dataDir === stopped.dataDir),
  );
  // A process whose settings cannot be read may well be this member.
  const isUnknown = described.some(({ settings }) => Object.keys(settings).length === 0);
  return isRunning || isUnknown ? described : [...described, stopped];
};

/**
 * Whether a certificate of this host is to be used: towards what was found here, or towards named endpoints with https:// that belong to this
 * cluster. It is not shown to servers elsewhere, and an endpoint without a scheme is not dialled in another way for what lies on this host.
 */
const wantsIdentity = (
  options: CollectOptions,
  locals: readonly LocalMember[],
  furtherSeeds: readonly string[],
): boolean =>
  options.endpoints.length === 0
    ? foundHere(locals, furtherSeeds).some(({ tls }) => tls)
    : options.endpoints.every((endpoint) => endpoint.startsWith('https://')) && isOwn(options, locals, furtherSeeds);

const foundHere = (locals: readonly LocalMember[], furtherSeeds: readonly string[]): readonly Address[] => [
  ...localSeeds(locals),
  ...furtherSeeds.flatMap((url) => parseUrl(url) ?? []),
];

/** Whether all endpoints that were named are of the cluster of this host. */
const isOwn = (options: CollectOptions, locals: readonly LocalMember[], furtherSeeds: readonly string[]): boolean => {
  const cluster = locals.flatMap(({ settings }) =>
    parseUrls(
      [settings['advertise-client-urls'], (settings['initial-cluster'] ?? '').replace(/(^|,)[^=,]*=/g, '$1')].join(','),
    ),
  );
  const here = new Set([
    ...ownAddresses(),
    ...[...foundHere(locals, furtherSeeds), ...cluster].map(({ host }) => host.toLowerCase()),
  ]);
  return options.endpoints.every((endpoint) => {
    const seed = parseUrl(endpoint.includes('://') ? endpoint : `http://${endpoint}`);
    return seed !== undefined && (isLoopback(seed.host) || here.has(seed.host.toLowerCase()));
  });
};

const urlOf = ({ tls, host, port }: Pick<Address, 'tls' | 'host' | 'port'>): string =>
  `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Other places where the cluster may answer when the local member does not: its peers, the servers of the API server, the usual port. */
const further = (
  options: CollectOptions,
  locals: readonly LocalMember[],
  written: WrittenSettings | undefined,
  apiServers: readonly string[],
  usual: string | undefined,
): string[] => {
  if (options.endpoints.length > 0) return [];
  const own = localSeeds(locals);
  const peers = locals.flatMap(({ settings }) => {
    const [client] = parseUrls(settings['advertise-client-urls']);
    // Members that serve clients on loopback only cannot be reached from here.
    if (client === undefined || isLoopback(client.host)) return [];
    const cluster = (settings['initial-cluster'] ?? '').split(',').map((entry) => entry.slice(entry.indexOf('=') + 1));
    return parseUrls(cluster.join(','))
      .filter(({ host }) => !isLoopback(host) && !isUnspecified(host))
      .map(({ host }) => urlOf({ host, port: client.port, tls: client.tls }));
  });
  const others = options.cluster ? [...peers, ...(written?.endpoints ?? []), ...apiServers] : [];
  const urls = others.flatMap((url) => {
    const address = parseUrl(url);
    return address === undefined ? [] : [address.url];
  });
  const found = [...new Set(urls)].filter((url) => !own.some((seed) => seed.url === url)).slice(0, 16);
  const nothing = own.length === 0 && found.length === 0;
  return nothing && usual !== undefined ? [usual] : found;
};

/** The server certificates of the local members, which most set-ups let in as clients too. */
const flagIdentities = async (files: FilesPort, locals: readonly LocalMember[]): Promise<Identity[]> => {
  const found = await Promise.all(
    locals.map(async ({ pid, settings }): Promise<Identity[]> => {
      const [ca, cert, key] = [settings['trusted-ca-file'], settings['cert-file'], settings['key-file']];
      if (!ca || !cert || !key) return [];
      const view = await fileView(files, pid);
      const place = (path: string): string => (pid === 0 ? absolute(view, path) : throughView(view, path));
      return [{ ca: place(ca), cert: place(cert), key: place(key) }];
    }),
  );
  return found.flat();
};
