import { setMaxListeners } from 'node:events';
import { splitHostPort } from '../ports/host-port.js';
import type { MemberTarget } from '../probe.js';
import type { Wiring } from '../wiring.js';
import { isLoopback, parseUrls } from './addresses.js';
import { matchLocal } from './locals.js';

/** systemd waits 100 ms before a restart unless told otherwise (systemd.service(5), RestartSec); units of etcd say some seconds. */
const WATCH_MS = 3_000;
const CONNECT_MS = 500;

const livesHere = ({ endpoint, clientUrls, peerUrls }: MemberTarget, own: ReadonlySet<string>): boolean =>
  parseUrls([`http://${endpoint}`, ...clientUrls, ...peerUrls].join(','))
    .map(({ host }) => host.toLowerCase())
    .some((host) => own.has(host) || isLoopback(host));

/**
 * Members that seem to live on this host, do not take connections, and of which no process was seen: one that fails right after each
 * start is there for moments only, and is waited for. Returns all members, those told more that were seen. Never rejects.
 */
export const lookAgain = async (
  members: readonly MemberTarget[],
  { watchLocals, ports }: Pick<Wiring, 'watchLocals' | 'ports'>,
  own: ReadonlySet<string>,
  run: AbortSignal,
): Promise<readonly MemberTarget[]> => {
  const missing = members.filter((member) => member.local === undefined && livesHere(member, own));
  if (watchLocals === undefined || missing.length === 0) return members;
  const signal = AbortSignal.any([run, AbortSignal.timeout(WATCH_MS)]);
  setMaxListeners(0, signal);
  const silent = await Promise.all(
    missing.map(async ({ endpoint }) => {
      const { host, port } = splitHostPort(endpoint);
      const attempt = await ports.net.tcpConnect(host, port, { signal, timeoutMs: CONNECT_MS }).catch(() => undefined);
      return attempt?.ok !== true;
    }),
  );
  if (!silent.includes(true)) return members;
  const { members: seen } = await watchLocals(signal).catch(() => ({ members: [] }));
  if (seen.length === 0) return members;
  return members.map((member) => {
    if (member.local !== undefined) return member;
    const local = matchLocal(member, seen, { own, aliases: new Map() });
    return local === undefined ? member : { ...member, local };
  });
};
