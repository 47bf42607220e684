import type { Rule } from '../../rule.js';
import dnsFailure from './dns-failure.js';
import memberPartitioned from './member-partitioned.js';
import mtuBlackhole from './mtu-blackhole.js';
import peerBandwidthSaturated from './peer-bandwidth-saturated.js';
import peerPacketLoss from './peer-packet-loss.js';
import peerPortBlockedAsymmetric from './peer-port-blocked-asymmetric.js';
import peerRttHigh from './peer-rtt-high.js';
import proxyOrLbInterference from './proxy-or-lb-interference.js';

export const networkRules: readonly Rule[] = [
  peerRttHigh,
  peerPacketLoss,
  mtuBlackhole,
  peerBandwidthSaturated,
  memberPartitioned,
  peerPortBlockedAsymmetric,
  dnsFailure,
  proxyOrLbInterference,
];
