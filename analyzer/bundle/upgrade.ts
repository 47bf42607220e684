import { FORMAT } from '../../schemas/index.js';
import { UnsupportedFormat } from './errors.js';

export interface FormatVersion {
  readonly major: number;
  readonly minor: number;
}

/** Turns a manifest of format `from` into one of the next newer format. */
export interface UpgradeStep {
  readonly from: FormatVersion;
  readonly manifest: (value: unknown) => unknown;
}

/** One step per format that was ever written and superseded, oldest first. 1.0 is the first format: nothing to upgrade yet. */
const released: readonly UpgradeStep[] = [];

/** Whether `a` is later than `b`. */
export const isLater = (a: FormatVersion, b: FormatVersion): boolean =>
  a.major > b.major || (a.major === b.major && a.minor > b.minor);

/** Throws `UnsupportedFormat` for a major this reader does not know. A later minor is read: it only adds. */
export const checkFormat = (format: FormatVersion, own: FormatVersion = FORMAT): void => {
  if (format.major > own.major) throw new UnsupportedFormat(format, own);
};

/** Throws `UnsupportedFormat` when the manifest itself asks for a later reader. */
export const checkMinReader = (minReader: FormatVersion, own: FormatVersion = FORMAT): void => {
  if (isLater(minReader, own)) throw new UnsupportedFormat(minReader, own);
};

/** Brings a parsed manifest of an older format up to the current one, step by step. */
export const upgradeManifest = (
  format: FormatVersion,
  manifest: unknown,
  steps: readonly UpgradeStep[] = released,
): unknown =>
  steps.filter(({ from }) => !isLater(format, from)).reduce((value, step) => step.manifest(value), manifest);
