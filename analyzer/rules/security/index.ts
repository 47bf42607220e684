import type { Rule } from '../../rule.js';
import authTokenFailures from './auth-token-failures.js';
import certExpired from './cert-expired.js';
import certExpiringSoon from './cert-expiring-soon.js';
import knownCveExposed from './known-cve-exposed.js';
import tlsSanMismatch from './tls-san-mismatch.js';
import tlsSchemeMismatch from './tls-scheme-mismatch.js';
import tlsUntrustedCaOrClientCert from './tls-untrusted-ca-or-client-cert.js';

export const securityRules: readonly Rule[] = [
  certExpired,
  certExpiringSoon,
  tlsSanMismatch,
  tlsUntrustedCaOrClientCert,
  tlsSchemeMismatch,
  authTokenFailures,
  knownCveExposed,
];
