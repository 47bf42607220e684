export type { Report } from '../schemas/index.js';
export { analyze } from './analyze.js';
export {
  buildCase,
  type BundleInput,
  type Case,
  DamagedArchive,
  defaultLimits,
  type Limits,
  type LoadedBundle,
  readBundle,
  type ReadOptions,
  UnreadableInput,
  UnsafeArchive,
  UnsupportedFormat,
} from './bundle/index.js';
export { renderHtml, renderMarkdown } from './report/index.js';
