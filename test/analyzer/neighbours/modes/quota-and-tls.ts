/** Space and certificates. */
import { log } from '../../../support/fake-facts.js';
import { memberId } from '../../../support/rule-tester.js';
import { certificate, certificates, handshake, stats } from '../../rules/integrity/fakes.js';
import { matrix } from '../../rules/network/links.js';
import { alarms, full, spacious } from '../../rules/quota/facts.js';
import { dead } from './shared.js';
import type { Mode } from './types.js';

const spaces = [
  'quota-nospace-live-data',
  'quota-nospace-no-compaction',
  'quota-nospace-fragmentation',
  'quota-alarm-stale',
];
const space = (mode: string, storage: typeof spacious): Mode => ({
  mode,
  facts: { cluster: { alarms: alarms(1, 2, 3) }, each: { storage } },
  not: [...spaces.filter((other) => other !== mode), 'disk-full-enospc'],
});
export const quotas: readonly Mode[] = [
  space('quota-nospace-live-data', full.live),
  space('quota-nospace-no-compaction', full.history),
  space('quota-nospace-fragmentation', full.fragmented),
  space('quota-alarm-stale', spacious),
];

const refusal = (group: string, error: string) => ({
  log: log({
    [group]: {
      inWindow: 60,
      stats: [
        stats(group, [
          `{"msg":"prober detected unhealthy status","remote-peer-id":"${memberId(3)}","error":"${error}"}`,
        ]),
      ],
    },
  }),
});
const refused = (mode: string, group: string, error: string): Mode => ({
  mode,
  facts: {
    cluster: {
      peerMatrix: matrix({ '1>3': dead, '2>3': dead }),
      certificates: certificates([certificate({ daysLeft: 90 })], [handshake(1), handshake(2), handshake(3)]),
    },
    m1: refusal(group, error),
    m2: refusal(group, error),
  },
  not: [
    ...['cert-expired', 'tls-san-mismatch', 'tls-untrusted-ca-or-client-cert', 'tls-scheme-mismatch'].filter(
      (other) => other !== mode,
    ),
    'member-partitioned',
    'peer-port-blocked-asymmetric',
  ],
});
export const tls: readonly Mode[] = [
  refused('cert-expired', 'x509-expired', 'x509: certificate has expired or is not yet valid: current time'),
  refused('tls-san-mismatch', 'x509-san', 'x509: certificate is valid for 10.77.0.99, not 10.0.0.3'),
  refused('tls-untrusted-ca-or-client-cert', 'x509-unknown-authority', 'x509: certificate signed by unknown authority'),
  refused('tls-scheme-mismatch', 'http-to-https', 'http: server gave HTTP response to HTTPS client'),
];
