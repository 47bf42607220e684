import type { FixedIn } from '../rules/evidence/etcd-version.js';

/** A vulnerability of the server itself, not of what it was compiled with. */
export interface KnownVulnerability {
  /** CVE or GHSA number where one was given. */
  readonly id: string;
  readonly effect: string;
  /** First patch with the fix, by line; `none` = the line got no fix. */
  readonly fixedIn: FixedIn;
  /** What must be in use for it to matter. */
  readonly exposedBy: 'auth' | 'tls' | 'crl';
  readonly severity: 'high' | 'warning';
  readonly source: string;
}

export const knownVulnerabilities: readonly KnownVulnerability[] = [
  {
    id: 'CVE-2026-33413',
    effect: 'several calls can be made without the permission they need',
    fixedIn: { '3.4': '3.4.42', '3.5': '3.5.28', '3.6': '3.6.9' },
    exposedBy: 'auth',
    severity: 'high',
    source: 'GHSA-q8m4-xhhv-38mg; etcd changelog 3.4.42, 3.5.28, 3.6.9',
  },
  {
    id: 'CVE-2026-33343',
    effect: 'nested transactions get around role permissions',
    fixedIn: { '3.4': '3.4.42', '3.5': '3.5.28', '3.6': '3.6.9' },
    exposedBy: 'auth',
    severity: 'high',
    source: 'GHSA-rfx7-8w68-q57q; etcd changelog 3.4.42, 3.5.28, 3.6.9',
  },
  {
    id: 'CVE-2026-44283',
    effect: 'puts nested in transactions can read earlier values or attach leases without permission',
    fixedIn: { '3.4': '3.4.44', '3.5': '3.5.30', '3.6': '3.6.11' },
    exposedBy: 'auth',
    severity: 'high',
    source: 'GHSA-x35m-3gp4-4fh5; etcd changelog 3.4.44, 3.5.30, 3.6.11',
  },
  {
    id: 'GHSA-xg4h-6gfc-h4m8',
    effect: 'a user who may read one key can watch the keys after it',
    fixedIn: { '3.4': 'none', '3.5': '3.5.33', '3.6': '3.6.14', '3.7': '3.7.1' },
    exposedBy: 'auth',
    severity: 'high',
    source: 'GHSA-xg4h-6gfc-h4m8; etcd changelog 3.5.33, 3.6.14, 3.7.1',
  },
  {
    id: 'CVE-2023-32082',
    effect: 'LeaseTimeToLive shows names of keys that the user may not read',
    fixedIn: { '3.4': '3.4.26', '3.5': '3.5.9' },
    exposedBy: 'auth',
    severity: 'warning',
    source: 'GHSA-3p4g-rcw5-8298; etcd changelog 3.4.26, 3.5.9',
  },
  {
    id: 'CVE-2021-28235',
    effect: 'a password may be seen through a debug endpoint',
    fixedIn: { '3.4': '3.4.25', '3.5': '3.5.8' },
    exposedBy: 'auth',
    severity: 'warning',
    source: 'CVE-2021-28235; etcd changelog 3.4.25, 3.5.8',
  },
  {
    id: 'GHSA-3wh4-j44w-pg92',
    effect: 'revoked client certificates are accepted on the gRPC listener when HTTP has a listener of its own',
    fixedIn: { '3.5': '3.5.32', '3.6': '3.6.13' },
    exposedBy: 'crl',
    severity: 'high',
    source: 'GHSA-3wh4-j44w-pg92; etcd changelog 3.5.32, 3.6.13, 3.7.0',
  },
  {
    id: 'GHSA-6vch-q96h-7gc3',
    effect: 'a TLS handshake that is never finished ties up the listener',
    fixedIn: { '3.5': '3.5.33', '3.6': '3.6.14', '3.7': '3.7.1' },
    exposedBy: 'tls',
    severity: 'warning',
    source: 'CVE-2026-73500, GHSA-6vch-q96h-7gc3; etcd changelog 3.5.33, 3.6.14, 3.7.1',
  },
];
