import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  type EndpointStatusArtifact,
  type Manifest,
  type MemberListArtifact,
  packageRoot,
  type Report,
} from '../../../schemas/index.js';
import type { Given } from './give.js';

const dirOf = (id: string): string => join(packageRoot, 'fixtures', 'bundles', id);
const jsonOf = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

/** The report of the whole bundle. */
export const reportOf = (id: string): Report => jsonOf(join(dirOf(id), 'report.json'));

interface Listed {
  readonly clusterId: string;
  readonly memberId: string;
}

const decimal = (hex: string): string => BigInt(`0x${hex}`).toString();
/** JSON with 64-bit numbers as etcdctl prints them. */
const numbers = (value: unknown): string => JSON.stringify(value).replace(/"#(\d+)"/g, '$1');
const num = (text: string | undefined): string | undefined => (text === undefined ? undefined : `#${text}`);

/** What `etcdctl endpoint status -w json` and `member list -w json` would have printed of the same cluster, first round. */
export const etcdctlOf = (id: string): Given[] => {
  const root = join(dirOf(id), 'bundle');
  const { items, targets } = jsonOf<Manifest>(join(root, 'manifest.json'));
  const stored = items.filter(({ paths, state }) => paths.length > 0 && state === 'ok');
  const header = (from: Listed, more: object): object => ({
    header: { cluster_id: num(decimal(from.clusterId)), member_id: num(decimal(from.memberId)), ...more },
  });
  const statuses = stored
    .filter(({ kind, round }) => kind === 'endpoint-status' && round === 0)
    .map(({ paths, target }) => {
      const value = jsonOf<EndpointStatusArtifact>(join(root, paths[0] ?? ''));
      return {
        Endpoint: `http://${targets.find((each) => each.id === target.id)?.endpoint ?? ''}`,
        Status: {
          ...header(value, { revision: num(value.revision), raft_term: num(value.raftTerm) }),
          version: value.version,
          dbSize: num(value.dbSize),
          dbSizeInUse: num(value.dbSizeInUse),
          leader: num(decimal(value.leader ?? '0')),
          raftIndex: num(value.raftIndex),
          raftAppliedIndex: num(value.raftAppliedIndex),
          raftTerm: num(value.raftTerm),
          errors: value.errors,
        },
      };
    });
  const list = stored.find(({ kind }) => kind === 'member-list');
  const value = jsonOf<MemberListArtifact>(join(root, list?.paths[0] ?? ''));
  const members = value.members.map(({ id: memberId, name, peerURLs, clientURLs }) => ({
    ID: num(decimal(memberId)),
    name,
    peerURLs,
    clientURLs,
  }));
  const at = Date.parse(list?.startedAt ?? '');
  const last = Math.max(
    ...items.filter(({ kind }) => kind === 'metrics').map(({ startedAt }) => Date.parse(startedAt ?? '')),
  );
  return [
    ['endpoint_status.json', numbers(statuses), Number.isFinite(last) ? last : at],
    ['member_list.json', numbers({ ...header(value, {}), members }), at],
  ];
};

/** Scrapes and logs of a captured incident as loose files `<member>-<file>`, as somebody would hand them over: nothing else of the bundle. */
export const looseFiles = (id: string, kinds: readonly string[] = ['metrics', 'server-log']): Given[] => {
  const root = join(dirOf(id), 'bundle');
  const { items, targets } = jsonOf<Manifest>(join(root, 'manifest.json'));
  return items
    .filter(
      ({ kind, paths, state }) => kinds.includes(kind) && paths.length > 0 && (state === 'ok' || state === 'partial'),
    )
    .flatMap(({ paths, target, startedAt }) =>
      paths.map((path): Given => {
        const name = targets.find((each) => each.id === target.id)?.name ?? target.id;
        return [`${name}-${basename(path)}`, readFileSync(join(root, path)), Date.parse(startedAt ?? '')];
      }),
    );
};
