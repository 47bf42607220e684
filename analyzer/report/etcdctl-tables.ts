import type { Report } from '../../schemas/index.js';
import { asciiTable } from './ascii-table.js';

type Member = Report['members'][number];

const yes = (value: boolean): string => (value ? 'true' : 'false');

/** Size as etcdctl prints it (dustin/go-humanize: powers of ten, two digits below 10). */
const size = (bytes: string | undefined): string => {
  if (bytes === undefined) return '';
  let value = Number(bytes);
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? Math.round(value * 10) / 10 : Math.round(value)} ${units[unit]}`;
};

const unused = ({ dbSizeBytes, dbInUseBytes }: Member): string => {
  const [all, used] = [Number(dbSizeBytes), Number(dbInUseBytes)];
  return all > 0 && used >= 0 ? `${Math.round(((all - used) / all) * 100)}%` : '';
};

export const memberListTitles = ['ID', 'STATUS', 'NAME', 'PEER ADDRS', 'CLIENT ADDRS', 'IS LEARNER'] as const;

/** Rows of `etcdctl member list -w table`. */
export const memberListRows = (members: readonly Member[]): readonly (readonly string[])[] =>
  members.map((member) => [
    member.id,
    member.name === '' ? 'unstarted' : 'started',
    member.name,
    (member.peerUrls ?? []).join(','),
    (member.clientUrls ?? []).join(','),
    yes(member.role === 'learner'),
  ]);

export const statusTitles = [
  'ENDPOINT',
  'ID',
  'VERSION',
  'DB SIZE',
  'IN USE',
  'PERCENTAGE NOT IN USE',
  'QUOTA',
  'IS LEADER',
  'IS LEARNER',
  'RAFT TERM',
  'RAFT INDEX',
  'RAFT APPLIED INDEX',
  'ERRORS',
] as const;

/** Rows of `etcdctl endpoint status -w table` of 3.6; a member that did not answer has its row, with nothing but its id. */
export const endpointStatusRows = (members: readonly Member[]): readonly (readonly string[])[] =>
  members.map((member) => [
    member.endpoint ?? '',
    member.id,
    member.version ?? '',
    size(member.dbSizeBytes),
    size(member.dbInUseBytes),
    unused(member),
    size(member.quotaBytes),
    ...(member.reachable === true ? [yes(member.role === 'leader'), yes(member.role === 'learner')] : ['', '']),
    member.raftTerm ?? '',
    member.raftIndex ?? '',
    member.raftAppliedIndex ?? '',
    member.reachable === false ? 'no answer' : member.errors.join('; '),
  ]);

export const memberListTable = ({ members }: Pick<Report, 'members'>): string =>
  asciiTable(memberListTitles, memberListRows(members));

export const endpointStatusTable = ({ members }: Pick<Report, 'members'>): string =>
  asciiTable(statusTitles, endpointStatusRows(members));
