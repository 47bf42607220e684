import type { Rule } from '../../rule.js';
import badVersion350To2 from './bad-version-3-5-0-to-2.js';
import downgradeOrStorageVersionBlocked from './downgrade-or-storage-version-blocked.js';
import eolVersion from './eol-version.js';
import knownBugInRunningVersion from './known-bug-in-running-version.js';
import upgrade36MembershipDrift from './upgrade-36-membership-drift.js';
import v2storeContentBlocks36 from './v2store-content-blocks-36.js';
import versionSkew from './version-skew.js';

export const versionRules: readonly Rule[] = [
  versionSkew,
  badVersion350To2,
  knownBugInRunningVersion,
  upgrade36MembershipDrift,
  v2storeContentBlocks36,
  downgradeOrStorageVersionBlocked,
  eolVersion,
];
