/** Careful access to JSON and YAML of others: what is not of the expected form is absent. */

export type Json = Readonly<Record<string, unknown>>;

export const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value below a path of names; undefined where there is none. */
export const at = (value: unknown, ...names: readonly string[]): unknown => {
  let found = value;
  for (const name of names) found = isMap(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  return found;
};

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const mapsOf = (value: unknown): readonly Json[] => listOf(value).filter(isMap);

export const textOf = (value: unknown, maxLength = 256): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, maxLength) : undefined;

export const integerOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;

/** RFC 3339 with milliseconds; MicroTime of leases is finer. */
export const timeOf = (value: unknown): string | undefined => {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
};

/** Leaves out fields without a value. */
export const defined = <T extends Readonly<Record<string, unknown>>>(
  fields: T,
): { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
} =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as ReturnType<
    typeof defined<T>
  >;
