import { textOf } from './json.js';

/** Tag of `registry/path/name:tag@digest`: whose registry it is stays out. */
export const imageTagOf = (image: unknown): string | undefined =>
  /:([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})(?:@|$)/.exec(textOf(image, 1024)?.replace(/^.*\//, '') ?? '')?.[1];
