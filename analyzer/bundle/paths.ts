import { UnsafeArchive } from './errors.js';

const MAX_LENGTH = 512;
const MAX_DEPTH = 12;

/**
 * Path of an entry as its segments, root directory first. Throws `UnsafeArchive` unless it is relative and clean:
 * no `..`, empty segment, backslash, drive letter, control character or invalid UTF-8. One leading `./` is allowed,
 * since re-packing with tar adds it; `[]` is that directory itself.
 */
export const cleanSegments = (raw: string): string[] => {
  const refuse = (why: string): never => {
    throw new UnsafeArchive('bad-path', why, raw);
  };
  if (raw.length > MAX_LENGTH) refuse('path is too long');
  if (/[\p{C}\ufffd\p{Zl}\p{Zp}]/u.test(raw)) refuse('path holds control characters or invalid text');
  if (raw.startsWith('/')) refuse('absolute path');
  if (raw.includes('\\') || /^[A-Za-z]:/.test(raw)) refuse('path of another system');
  const path = raw.replace(/^\.\//, '').replace(/\/$/, '');
  if (path === '' || path === '.') return raw === '' ? refuse('empty path') : [];
  const segments = path.split('/');
  if (segments.length > MAX_DEPTH) refuse('path is too deep');
  if (segments.includes('..')) refuse('path leaves the bundle (..)');
  if (segments.includes('.') || segments.includes('')) refuse('path is not in its plain form');
  return segments;
};
