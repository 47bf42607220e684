import { UsageError } from './errors.js';
import type { CollectOptions } from './options.js';
import { splitHostPort } from './ports/host-port.js';
import type { ClusterTarget, HostTarget, LocalMember, MemberTarget } from './probe.js';
import { provisional } from './targets/ask.js';
import { seedsOf } from './targets.js';

const isMember = (member: MemberTarget, wanted: string): boolean =>
  [member.name, member.id, member.endpoint, splitHostPort(member.endpoint).host].includes(wanted) ||
  member.clientUrls.includes(wanted);

/** The one member that `MEMBER=` names; without it the only member, or the only local one. Throws UsageError. */
const ownerOf = (
  members: readonly MemberTarget[],
  flag: string,
  file: string,
  wanted: string | undefined,
): MemberTarget => {
  const local = members.filter((member) => member.local !== undefined);
  const candidates =
    wanted !== undefined ? members.filter((member) => isMember(member, wanted)) : local.length === 1 ? local : members;
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return only;
  const names = members.map(({ name, id }) => (name === undefined || name === '' ? id : name)).join(', ');
  throw new UsageError(
    wanted === undefined
      ? `${flag} ${file}: several members were found, and nothing says whose it is`
      : `${flag} ${wanted}=${file}: ${candidates.length === 0 ? 'no member' : 'more than one member'} goes by that name`,
    `write ${flag} NAME=${file}; members found: ${names === '' ? 'none' : names}`,
  );
};

/** `[MEMBER=]PATH` of a flag; a `/` before the `=` belongs to the path. */
export const splitOwner = (text: string): { readonly member?: string; readonly file: string } => {
  const at = text.indexOf('=');
  if (at <= 0 || text.slice(0, at).includes('/')) return { file: text };
  return { member: text.slice(0, at), file: text.slice(at + 1) };
};

/** Gives members the log files and data dirs that flags name for them. Throws UsageError when it is unclear whose they are. */
export const attachFiles = (
  members: readonly MemberTarget[],
  options: Pick<CollectOptions, 'logs' | 'dataDirs'>,
): MemberTarget[] => {
  const logFiles = new Map<string, string[]>();
  for (const { member, file } of options.logs) {
    const { id } = ownerOf(members, '--log', file, member);
    logFiles.set(id, [...(logFiles.get(id) ?? []), file]);
  }
  const dataDirs = new Map<string, string>();
  const known = new Set(members.map(({ local }) => local?.dataDir));
  for (const { member, file } of options.dataDirs.map(splitOwner)) {
    if (!known.has(file)) dataDirs.set(ownerOf(members, '--data-dir', file, member).id, file);
  }
  return members.map((member) => {
    const files = logFiles.get(member.id);
    const dataDir = dataDirs.get(member.id);
    return {
      ...member,
      ...(files === undefined ? {} : { logFiles: files }),
      ...(dataDir === undefined ? {} : { local: withDataDir(member.local, dataDir) }),
    };
  });
};

/** pid 0 stands for a member of this host that does not run now. */
const withDataDir = (local: LocalMember | undefined, dataDir: string): LocalMember =>
  local === undefined
    ? { pid: 0, startTicks: '0', executable: '', settings: {}, dataDir, matchedBy: '--data-dir' }
    : { ...local, dataDir };

/** This host, when it is a host of the cluster: a machine that only looks on is not evidence. */
export const hostTargets = (members: readonly MemberTarget[], token: string): HostTarget[] => {
  const here = members.filter(({ local }) => local !== undefined);
  return here.length === 0 ? [] : [{ kind: 'host', id: token, members: here }];
};

export const clusterTarget = (members: readonly MemberTarget[]): ClusterTarget => ({
  kind: 'cluster',
  id: 'cluster',
  members,
});

/** Members for the seeds as given, for when discovery itself did not finish. */
export const seedMembers = (options: Pick<CollectOptions, 'endpoints' | 'tls' | 'furtherSeeds'>): MemberTarget[] =>
  seedsOf(options, []).map((address) => ({ ...provisional(address), clientUrls: [] }));
