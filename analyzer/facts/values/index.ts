export type * from './cluster.js';
export type * from './common.js';
export type * from './host.js';
export type * from './member.js';
