import type { MemberLog } from '../../facts/values/member.js';
import { linesOf, timesOf } from './log-lines.js';

/** Signatures by what kept a connection between members from coming up. */
const signatures = {
  tls: [
    'x509-expired',
    'x509-unknown-authority',
    'x509-san',
    'x509-noipsan',
    'x509-cn-legacy',
    'x509-keyusage',
    'tls-remote-bad-cert',
    'tls-first-record',
    'tls-no-client-cert',
    'tls-version-cipher',
    'tls-dns-mismatch',
    'tls-client-auth-failed',
    'tls-rejected-peer',
  ],
  identity: [
    'cluster-id-mismatch-server',
    'cluster-id-mismatch-stream',
    'cluster-id-mismatch-post',
    'stream-rejected-removed',
    'raft-msg-removed',
    'raft-msg-mismatch',
    'id-mismatch',
  ],
  refused: ['conn-refused'],
  dns: ['no-such-host', 'resolve-failed'],
  timeout: ['io-timeout', 'no-route'],
} as const;

export type DialError = keyof typeof signatures;

/** Lines of the given kinds in the window over several logs; undefined when no log covers it. */
export const dialErrors = (
  logs: readonly (MemberLog | undefined)[],
  kinds: readonly DialError[],
): { readonly inWindow: number; readonly before: number } | undefined => {
  const covering = logs.filter((log) => log?.coversWindow === true);
  if (covering.length === 0) return undefined;
  const lines = covering.flatMap((log) => kinds.map((kind) => linesOf(log, signatures[kind])));
  return {
    inWindow: lines.reduce((sum, each) => sum + (each?.inWindow ?? 0), 0),
    before: lines.reduce((sum, each) => sum + (each?.before ?? 0), 0),
  };
};

/** Times of the latest lines of the given kinds in one log, epoch ms. */
export const dialErrorTimes = (log: MemberLog, kinds: readonly DialError[]): readonly number[] =>
  timesOf(
    log,
    kinds.flatMap((kind) => signatures[kind]),
  );
