import type { Report } from '../../../schemas/index.js';
import type { Names } from '../names.js';
import { el } from './element.js';

const WIDTH = 200;
const MAX_BARS = 300;

/**
 * One bar per member on one scale: quota as the track, the file, the part in use. Decoration beside the numbers of the
 * table, so hidden from screen readers.
 */
export const storageBars = (
  storage: Report['charts']['storage'],
  names: Names,
): { readonly hue: number; readonly svg: string }[] => {
  const number = (text: string): number => (Number.isFinite(Number(text)) ? Math.max(0, Number(text)) : 0);
  const widest = Math.max(
    1,
    ...storage.slice(0, MAX_BARS).flatMap((item) => [number(item.sizeBytes), number(item.quotaBytes)]),
  );
  const x = (text: string): number => (number(text) / widest) * WIDTH;
  return storage.slice(0, MAX_BARS).map((item) => ({
    hue: names.of(item.member).hue,
    svg: el(
      'svg',
      { viewBox: `0 0 ${WIDTH} 14`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      el('rect', { class: 'track', x: 0, y: 1, width: x(item.quotaBytes), height: 12, rx: 2 }),
      el('rect', { class: 'file', x: 0, y: 1, width: x(item.sizeBytes), height: 12, rx: 2 }),
      el('rect', { class: 'bar', x: 0, y: 1, width: x(item.inUseBytes), height: 12, rx: 2 }),
      number(item.quotaBytes) === 0
        ? ''
        : el('rect', { class: 'quota', x: Math.max(0, x(item.quotaBytes) - 1), y: 0, width: 1, height: 14 }),
    ),
  }));
};
