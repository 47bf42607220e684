/** True when one is, false when all are known not to be, else undefined. */
export const any = (states: readonly (boolean | undefined)[]): boolean | undefined =>
  states.some((state) => state === true) ? true : states.length === 0 || states.includes(undefined) ? undefined : false;

/** False when one is, true when all are known to be, else undefined. */
export const every = (states: readonly (boolean | undefined)[]): boolean | undefined =>
  states.some((state) => state === false)
    ? false
    : states.length === 0 || states.includes(undefined)
      ? undefined
      : true;

/** Milliseconds for people: one decimal below 10. */
export const ms = (value: number): string =>
  value >= 10 ? String(Math.round(value)) : String(Math.round(value * 10) / 10);
