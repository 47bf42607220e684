const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
  '=': '&#61;',
};

/** Text as markup: nothing in it can end an element or an attribute. */
export const escapeXml = (text: string): string => text.replace(/[&<>"'`=]/g, (char) => ENTITIES[char] ?? '');

/** An SVG element; attribute values are escaped, `children` must already be markup (`el` or `escapeXml`). */
export const el = (
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: readonly string[]
): string => {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? coordinate(value) : escapeXml(value)}"`)
    .join('');
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join('')}</${name}>`;
};

const coordinate = (value: number): string => (Number.isFinite(value) ? String(Math.round(value * 10) / 10) : '0');

/** A whole drawing with the name and the description that a screen reader gives; `id` must be unique in the page. */
export const drawing = (
  id: string,
  size: { readonly width: number; readonly height: number },
  words: { readonly title: string; readonly description: string },
  ...children: readonly string[]
): string =>
  el(
    'svg',
    {
      viewBox: `0 0 ${coordinate(size.width)} ${coordinate(size.height)}`,
      role: 'img',
      'aria-labelledby': `${id}-t ${id}-d`,
    },
    el('title', { id: `${id}-t` }, escapeXml(words.title)),
    el('desc', { id: `${id}-d` }, escapeXml(words.description)),
    ...children,
  );

/** Rough width of a text of this size in px, generous enough to keep labels apart. */
export const textWidth = (text: string, fontSize: number): number => text.length * fontSize * 0.58;

/** Cuts a label to the room it has. */
export const fit = (text: string, width: number, fontSize: number): string => {
  const room = Math.max(1, Math.floor(width / (fontSize * 0.58)));
  return text.length <= room ? text : `${text.slice(0, Math.max(1, room - 1))}…`;
};
