export type { Diff, Report } from '../schemas/index.js';
export { analyze } from './analyze.js';
export {
  buildCase,
  type BundleInput,
  type Case,
  DamagedArchive,
  defaultLimits,
  type Limits,
  type LoadedBundle,
  LockedBundle,
  readBundle,
  type ReadOptions,
  UnreadableInput,
  UnsafeArchive,
  UnsupportedFormat,
  UntrustedBundle,
  type VerifyKey,
} from './bundle/index.js';
export { compare, compareSnapshots, snapshotOf } from './compare/index.js';
export { type BundleFiles, type ForeignInput, importFiles } from './import/index.js';
export { loadImported } from './import/load.js';
export { renderHtml, renderMarkdown } from './report/index.js';
