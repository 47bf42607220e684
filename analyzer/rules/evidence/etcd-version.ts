/** A server version as numbers; null when the text is none. Suffixes of builds and pre-releases are not looked at. */
export interface EtcdVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

export const parseVersion = (text: string): EtcdVersion | null => {
  const match = /^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?/.exec(text.trim());
  return match === null
    ? null
    : { major: Number(match[1]), minor: Number(match[2]), patch: match[3] === undefined ? 0 : Number(match[3]) };
};

export const lineOf = (version: EtcdVersion): string => `${version.major}.${version.minor}`;

export const compareVersions = (a: EtcdVersion, b: EtcdVersion): number =>
  a.major - b.major || a.minor - b.minor || a.patch - b.patch;

/** First patch with the fix, by `major.minor`; a line that is not named never had the fault. `none` = never fixed there. */
export type FixedIn = Readonly<Record<string, string>>;

/** Whether a version lies between `from` (default: the first patch of its line) and the fix of its line. */
export const isAffected = (text: string, fixedIn: FixedIn, from: FixedIn = {}): boolean => {
  const version = parseVersion(text);
  if (version === null) return false;
  const fixed = fixedIn[lineOf(version)];
  if (fixed === undefined) return false;
  const first = parseVersion(from[lineOf(version)] ?? '') ?? { ...version, patch: 0 };
  if (compareVersions(version, first) < 0) return false;
  const end = parseVersion(fixed);
  return end === null || compareVersions(version, end) < 0;
};

/**
 * Whether a server keeps a tombstone that lies on the compaction revision. Hashes of servers that do and that do not may differ
 * after a compaction although the data are the same (etcd PR 18274, backported in 3.5.16 and 3.4.34). Null = version unknown.
 */
export const keepsTombstone = (text: string | undefined): boolean | null => {
  const version = parseVersion(text ?? '');
  if (version === null) return null;
  return (
    !isAffected(text ?? '', { '3.4': '3.4.34', '3.5': '3.5.16' }) &&
    compareVersions(version, { major: 3, minor: 4, patch: 0 }) >= 0
  );
};
