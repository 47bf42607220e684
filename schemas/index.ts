export * from './catalog.js';
export * from './layout.js';
export { listPackageFiles, readPackageFile, readPackageVersion } from './package-files.js';
export { packageRoot } from './package-root.js';
export * from './signature.js';
export type * from './types.generated.js';
export * from './validate.js';
