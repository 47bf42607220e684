import type { Probe } from '../probe.js';
import alarmList from './cluster/alarm-list.js';
import clockOffset from './endpoint/clock-offset.js';
import dns from './endpoint/dns.js';
import tcpConnect from './endpoint/tcp-connect.js';
import tlsHandshake from './endpoint/tls-handshake.js';
import authState from './member/auth-state.js';
import endpointStatus from './member/endpoint-status.js';
import hashkv from './member/hashkv.js';
import health from './member/health.js';
import livez from './member/livez.js';
import memberList from './member/member-list.js';
import metrics from './member/metrics.js';
import readLatency from './member/read-latency.js';
import readyz from './member/readyz.js';
import version from './member/version.js';

/** Probes that ask over the network, the precious and cheap first. */
export const remoteProbes = [
  endpointStatus,
  metrics,
  memberList,
  health,
  readyz,
  livez,
  version,
  authState,
  readLatency,
  hashkv,
  dns,
  tcpConnect,
  tlsHandshake,
  clockOffset,
  alarmList,
] as const satisfies readonly Pick<Probe, 'kind' | 'scope'>[];
