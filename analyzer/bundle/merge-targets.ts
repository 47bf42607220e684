import type { Manifest, SchemaTypes } from '../../schemas/index.js';
import type { CaseEndpoint, CaseHost, CaseMember } from './case.js';
import { addRecordedMembers, ownersOfData } from './copy-identity.js';
import { addressesOf, either, foldSeeds, hostPort, type MemberDraft } from './fold-seeds.js';
import type { LoadedBundle } from './loaded.js';

type TargetRecord = Manifest['targets'][number];

const PEER_URLS = 'initial-advertise-peer-urls';

const vantageOf = (bundle: LoadedBundle): string => bundle.manifest?.vantage.host ?? bundle.header.bundleId;

/** Targets of a bundle; without manifest, those that the paths name, and whose artifacts show that they answered. */
const targetsOf = (bundle: LoadedBundle): readonly TargetRecord[] => {
  if (bundle.manifest !== undefined) return bundle.manifest.targets;
  const targets = new Map<string, TargetRecord>();
  for (const { target, state } of bundle.items) {
    const key = `${target.kind}@${target.id}`;
    const reachable = either(
      targets.get(key)?.reachable ?? null,
      state === 'ok' && target.kind === 'member' ? true : null,
    );
    targets.set(key, { kind: target.kind, id: target.id, discoveredBy: 'vantage', reachable });
  }
  return [...targets.values()];
};

/** What the processes behind members and seeds say of their own peer URLs. */
const addProcesses = (
  drafts: Map<string, MemberDraft>,
  bundle: LoadedBundle,
  owners: ReadonlyMap<string, string>,
): void => {
  for (const { kind, target, value } of bundle.artifacts) {
    const draft = drafts.get(owners.get(target.id) ?? target.id);
    if (kind !== 'server-config' || draft === undefined) continue;
    const { flags, env, configFileValues } = value as SchemaTypes['server-config'];
    const urls = flags[PEER_URLS] ?? env['ETCD_INITIAL_ADVERTISE_PEER_URLS'] ?? configFileValues[PEER_URLS] ?? '';
    draft.ownPeerUrls = urls.split(',').filter((url) => url !== '');
  }
};

const draftOf = (drafts: Map<string, MemberDraft>, id: string): MemberDraft => {
  const known = drafts.get(id);
  if (known !== undefined) return known;
  const draft: MemberDraft = {
    id,
    name: '',
    targets: new Set([id]),
    endpoints: new Set(),
    clientUrls: [],
    peerUrls: [],
    isLearner: false,
    reachable: null,
    ownPeerUrls: [],
    vantages: new Set(),
  };
  drafts.set(id, draft);
  return draft;
};

const addTarget = (draft: MemberDraft, target: TargetRecord, vantage: string): void => {
  if (target.name) draft.name = target.name;
  if (target.endpoint) draft.endpoints.add(target.endpoint);
  if (target.clientUrls?.length) draft.clientUrls = target.clientUrls;
  if (target.peerUrls?.length) draft.peerUrls = target.peerUrls;
  if (target.isLearner !== undefined) draft.isLearner = target.isLearner;
  if (target.host !== undefined) draft.host = target.host;
  draft.reachable = either(draft.reachable, target.reachable);
  draft.vantages.add(vantage);
};

/** Fills names and addresses from the membership itself; adds no member a target list already decided to leave out. */
const addMemberLists = (drafts: Map<string, MemberDraft>, bundle: LoadedBundle): void => {
  for (const { kind, value } of bundle.artifacts) {
    if (kind !== 'member-list') continue;
    for (const member of (value as SchemaTypes['member-list']).members) {
      if (bundle.manifest !== undefined && !drafts.has(member.id)) continue;
      const draft = draftOf(drafts, member.id);
      if (draft.name === '') draft.name = member.name;
      if (draft.clientUrls.length === 0) draft.clientUrls = member.clientURLs;
      if (draft.peerUrls.length === 0) draft.peerUrls = member.peerURLs;
      if (bundle.manifest === undefined) draft.isLearner = member.isLearner;
    }
  }
};

const endpointOf = (id: string, target: TargetRecord, drafts: readonly MemberDraft[]): CaseEndpoint => {
  const endpoint = target.endpoint ?? target.name ?? target.id;
  const address = hostPort(endpoint);
  const clients = drafts.filter((draft) => addressesOf(draft).has(address));
  const peers = drafts.filter((draft) => draft.peerUrls.some((url) => hostPort(url) === address));
  const owners = clients.length > 0 ? clients : peers;
  const read = clients.some(
    (draft) => draft.endpoints.size === 0 || [...draft.endpoints].map(hostPort).includes(address),
  );
  const [owner] = owners;
  return {
    id,
    endpoint,
    role: clients.length > 0 ? (read ? 'client' : 'advertised') : peers.length > 0 ? 'peer' : 'unknown',
    ...(owners.length === 1 && owner !== undefined ? { member: owner.id } : {}),
    ...(target.tls === undefined ? {} : { tls: target.tls }),
  };
};

export interface MergedTargets {
  readonly members: readonly CaseMember[];
  readonly hosts: readonly CaseHost[];
  readonly endpoints: readonly CaseEndpoint[];
  /** Id in the case of a target of a bundle. */
  readonly canonical: (bundle: LoadedBundle, target: { readonly kind: string; readonly id: string }) => string;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Members, hosts and endpoints of all bundles, later bundles winning where they differ; `bundles` in order of creation. */
export const mergeTargets = (bundles: readonly LoadedBundle[]): MergedTargets => {
  const drafts = new Map<string, MemberDraft>();
  const hostNames = new Map<string, string>();
  const endpointTargets = new Map<string, TargetRecord>();
  const owners = new Map(bundles.map((bundle) => [bundle, ownersOfData(bundle)]));
  const ownerIn = (bundle: LoadedBundle, id: string): string => owners.get(bundle)?.get(id) ?? id;
  for (const bundle of bundles) {
    for (const target of targetsOf(bundle)) {
      if (target.kind === 'member') {
        const draft = draftOf(drafts, ownerIn(bundle, target.id));
        draft.targets.add(target.id);
        addTarget(draft, target, vantageOf(bundle));
      }
      if (target.kind === 'host') hostNames.set(target.id, target.name ?? hostNames.get(target.id) ?? target.id);
      if (target.kind === 'endpoint') endpointTargets.set(target.id, { ...endpointTargets.get(target.id), ...target });
    }
    addMemberLists(drafts, bundle);
    addProcesses(drafts, bundle, owners.get(bundle) ?? new Map());
  }
  addRecordedMembers(drafts, bundles, (id) => draftOf(drafts, id));
  const folded = foldSeeds(drafts);
  const sorted = [...drafts.values()].sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id));
  for (const { host } of sorted) if (host !== undefined && !hostNames.has(host)) hostNames.set(host, host);
  return {
    members: sorted.map(({ vantages: _, ownPeerUrls: __, host, ...draft }) => ({
      ...draft,
      targets: [...draft.targets],
      endpoints: [...draft.endpoints],
      ...(host === undefined ? {} : { host }),
    })),
    hosts: [...hostNames]
      .sort(([a], [b]) => compare(a, b))
      .map(([id, name]) => ({
        id,
        name,
        members: sorted.filter(({ host }) => host === id).map((member) => member.id),
      })),
    endpoints: [...endpointTargets]
      .sort(([a], [b]) => compare(a, b))
      .map(([id, target]) => endpointOf(id, target, sorted)),
    canonical: (bundle, target) => {
      if (target.kind !== 'member') return target.id;
      const id = ownerIn(bundle, target.id);
      return folded.get(id) ?? id;
    },
  };
};
