import type { Rule } from '../../rule.js';
import apiServerWaitsForEtcd from './api-server-waits-for-etcd.js';
import hotSingleClient from './hot-single-client.js';
import keyspacePrefixBloat from './keyspace-prefix-bloat.js';
import largeRangeReads from './large-range-reads.js';
import largeValuesOrTxns from './large-values-or-txns.js';
import leaseExpiryStorm from './lease-expiry-storm.js';
import leaseKeepaliveOverload from './lease-keepalive-overload.js';
import requestTooLarge from './request-too-large.js';
import slowOrTooManyWatchers from './slow-or-too-many-watchers.js';
import watchCompactedRevision from './watch-compacted-revision.js';
import watchStreamStarvation from './watch-stream-starvation.js';
import writeRateOverload from './write-rate-overload.js';

/** Rules about what clients ask for. */
export const clientLoadRules: readonly Rule[] = [
  largeRangeReads,
  requestTooLarge,
  largeValuesOrTxns,
  writeRateOverload,
  apiServerWaitsForEtcd,
  hotSingleClient,
  keyspacePrefixBloat,
  slowOrTooManyWatchers,
  watchStreamStarvation,
  watchCompactedRevision,
  leaseExpiryStorm,
  leaseKeepaliveOverload,
];
