import type { LoadDefinition } from '../load.js';
import backups from './backups.js';
import connections from './connections.js';
import expensiveRanges from './expensive-ranges.js';
import hotClient from './hot-client.js';
import kubernetes from './kubernetes.js';
import largeValues from './large-values.js';
import leaseKeepalive from './lease-keepalive.js';
import leaseStorm from './lease-storm.js';
import puts from './puts.js';
import requestTooLarge from './request-too-large.js';
import sharedConnection from './shared-connection.js';
import storedData from './stored-data.js';
import watchCompacted from './watch-compacted.js';
import watchFlood from './watch-flood.js';
import writeOverload from './write-overload.js';

/** Every kind of client behaviour. */
export const loads: readonly LoadDefinition[] = [
  kubernetes,
  puts,
  largeValues,
  expensiveRanges,
  hotClient,
  sharedConnection,
  writeOverload,
  leaseStorm,
  leaseKeepalive,
  watchFlood,
  watchCompacted,
  requestTooLarge,
  connections,
  storedData,
  backups,
] as unknown as readonly LoadDefinition[];
