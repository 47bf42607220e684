/** For each failure mode the facts that lead to it, and the modes with the same symptoms that they must not lead to. */
import { deadOrHung } from './dead-or-hung.js';
import { loads } from './load.js';
import { memberships } from './membership.js';
import { networks } from './network.js';
import { quotas, tls } from './quota-and-tls.js';
import { cpus, disks } from './resources.js';
import type { Mode } from './types.js';

export { undecidable } from './undecidable.js';

export const modes: readonly Mode[] = [
  ...disks,
  ...cpus,
  ...networks,
  ...deadOrHung,
  ...quotas,
  ...tls,
  ...memberships,
  ...loads,
];
