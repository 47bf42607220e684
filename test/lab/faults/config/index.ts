import type { FaultDefinition } from '../../fault.js';
import advertiseClientUrl from './advertise-client-url.js';
import forceNewCluster from './force-new-cluster.js';
import peerUrlWrong from './peer-url-wrong.js';
import prevoteDisabled from './prevote-disabled.js';
import unsafeFlags from './unsafe-flags.js';

export const configFaults: readonly FaultDefinition[] = [
  advertiseClientUrl,
  peerUrlWrong,
  unsafeFlags,
  forceNewCluster,
  prevoteDisabled,
] as unknown as readonly FaultDefinition[];
