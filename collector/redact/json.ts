import { SECRET_MARKER, secretKey } from './detectors.js';
import { type Redacted, redactText } from './text.js';

const maxDepth = 100;

/**
 * Removes secrets from every string leaf of a JSON value; numbers, keys and shape stay.
 * Throws when the value is nested deeper than 100 levels (it cannot be vouched for then).
 */
export const redactJson = <T>(input: T): Redacted<T> => {
  let count = 0;
  const walk = (value: unknown, key: string | undefined, depth: number): unknown => {
    if (depth > maxDepth) throw new Error('nested too deeply to be searched for secrets');
    if (typeof value === 'string') {
      if (key !== undefined && value !== '' && value !== SECRET_MARKER && secretKey.test(key)) {
        count += 1;
        return SECRET_MARKER;
      }
      const redacted = redactText(value);
      count += redacted.count;
      return redacted.value;
    }
    if (Array.isArray(value)) return value.map((item) => walk(item, key, depth + 1));
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, name, depth + 1)]));
    }
    return value;
  };
  return { value: walk(input, undefined, 0) as T, count };
};
