import type { FaultDefinition } from '../../fault.js';
import connectionsCut from './connections-cut.js';
import dnsFailure from './dns-failure.js';
import mtuBlackhole from './mtu-blackhole.js';
import netDelay from './net-delay.js';
import netLoss from './net-loss.js';
import netRate from './net-rate.js';
import partition from './partition.js';
import portBlocked from './port-blocked.js';

export const networkFaults = [
  netDelay,
  netLoss,
  netRate,
  partition,
  portBlocked,
  mtuBlackhole,
  connectionsCut,
  dnsFailure,
] as unknown as readonly FaultDefinition[];
