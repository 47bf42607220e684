/** Facts that several groups of modes use. */
import { counter, latency, log } from '../../../support/fake-facts.js';
import { memberId } from '../../../support/rule-tester.js';
import { connects, matrix, said } from '../../rules/network/links.js';
import type { Changes } from '../base.js';

export const MIB = 1024 * 1024;
export const late = { heartbeatFailures: counter(12) };
export const slowSyncs = { walFsync: latency({ 128: 480, 256: 20 }), ...late };
export const tail = { walFsync: latency({ 1: 400, 2: 50, 128: 20 }), heartbeatFailures: counter(8) };
export const dead = { rtt: 'failed' as const, received: 0 };
export const fed = (received: number) => ({ rtt: { '0.8': 3 }, received });

export const tcpTo = (n: number, ok: boolean) => {
  const made = connects(n, ok ? [0.1, 0.1, 0.2, 0.1] : [], 'h1');
  return ok ? made : { ...made, stats: { ...made.stats, attempts: 4, failed: 4, codes: { ECONNREFUSED: 4 } } };
};
export const lost = { ...dead, active: 0 };
export const gone = matrix({ '1>3': lost, '2>3': lost }, { tcp: [tcpTo(3, false)] });
export const nothing = {
  walFsync: undefined,
  heartbeatFailures: undefined,
  leaderChanges: undefined,
  slowOperations: undefined,
  proposals: undefined,
  process: undefined,
  storage: undefined,
  sockets: undefined,
} as unknown as Changes['m3'];
export const probing = log({ 'prober-unhealthy': said(8, { 'remote-peer-id': [memberId(3)] }) });
