import type { Rule } from '../../rule.js';
import advertiseUrlMisconfigured from './advertise-url-misconfigured.js';
import clockSkew from './clock-skew.js';
import evenOrInsufficientMembers from './even-or-insufficient-members.js';
import heartbeatElectionMistuned from './heartbeat-election-mistuned.js';
import prevoteDisabledDisruption from './prevote-disabled-disruption.js';
import timingMismatchBetweenMembers from './timing-mismatch-between-members.js';
import unsafeFlags from './unsafe-flags.js';

export const configRules: readonly Rule[] = [
  heartbeatElectionMistuned,
  timingMismatchBetweenMembers,
  prevoteDisabledDisruption,
  unsafeFlags,
  evenOrInsufficientMembers,
  advertiseUrlMisconfigured,
  clockSkew,
];
