/** Support of a minor release line. */
export interface ReleaseLine {
  readonly line: string;
  /** Day of the last patch or the end of support, UTC; absent while it is supported. */
  readonly endOfLife?: string;
  /** Last patch of a line that ended. */
  readonly last?: string;
  readonly source: string;
}

/** State of August 2026. Lines that are not named and newer than these are taken as supported. */
export const releaseLines: readonly ReleaseLine[] = [
  { line: '3.2', endOfLife: '2021-06-15', source: 'etcd releases: out of support with 3.5.0' },
  { line: '3.3', endOfLife: '2021-10-15', last: '3.3.27', source: 'etcd changelog: last patch 3.3.27' },
  { line: '3.4', endOfLife: '2026-06-01', last: '3.4.45', source: 'etcd changelog 3.4.45: end of support' },
  { line: '3.5', source: 'etcd changelog: patches are published (3.5.33, July 2026)' },
  { line: '3.6', source: 'etcd changelog: patches are published (3.6.14, July 2026)' },
  { line: '3.7', source: 'etcd changelog: patches are published (3.7.1, July 2026)' },
];
