import type { CollectOptions } from './options.js';

declare const proof: unique symbol;

/** Proof that the user said --allow-load. Nothing but `loadPermission` makes one, and what adds load cannot be built without it. */
export interface LoadPermission {
  readonly [proof]: true;
}

/** The one place that turns the flag into the permission; undefined without the flag. */
export const loadPermission = ({ allowLoad }: Pick<CollectOptions, 'allowLoad'>): LoadPermission | undefined =>
  allowLoad === true ? (Object.freeze({}) as LoadPermission) : undefined;
