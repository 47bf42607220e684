import type { LocalMember, MemberTarget } from '../probe.js';
import { isLoopback, isUnspecified, parseUrls } from './addresses.js';

/**
 * Members that live on this host by their address while no process of them was found: their host and their logs can still be read.
 * Loopback addresses prove nothing (a forwarded port), and neither does an address while a process is left that belongs to no member.
 */
export const withResidents = (
  members: readonly MemberTarget[],
  locals: readonly LocalMember[],
  own: ReadonlySet<string>,
): MemberTarget[] => {
  const matched = new Set(members.map(({ local }) => local?.pid));
  if (locals.some(({ pid }) => !matched.has(pid))) return [...members];
  return members.map((member) => {
    if (member.local !== undefined) return member;
    const urls = [`http://${member.endpoint}`, ...member.clientUrls, ...member.peerUrls];
    const address = parseUrls(urls.join(','))
      .map(({ host }) => host.toLowerCase())
      .find((host) => !isLoopback(host) && !isUnspecified(host) && own.has(host));
    return address === undefined ? member : { ...member, local: absent(`${address} is an address of this host`) };
  });
};

/** pid 0 stands for a member of this host that does not run now. */
const absent = (matchedBy: string): LocalMember => ({
  pid: 0,
  startTicks: '0',
  executable: '',
  settings: {},
  matchedBy,
});
