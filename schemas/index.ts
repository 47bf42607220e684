export * from './catalog.js';
export * from './layout.js';
export { packageRoot } from './package-root.js';
export * from './signature.js';
export type * from './types.generated.js';
export * from './validate.js';
