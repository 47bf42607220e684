/** The forms a report can be written in. `render.ts` writes them; this list loads nothing. */

/** Ending of the file by format. A file name that ends in one asks for the first format with it. */
const extensions = {
  html: 'html',
  markdown: 'md',
  json: 'json',
  summary: 'txt',
  'upstream-issue': 'upstream-issue.md',
  'vendor-ticket': 'vendor-ticket.md',
  junit: 'junit.xml',
  sarif: 'sarif',
} as const;

export type Format = keyof typeof extensions;
export const formats = Object.keys(extensions) as readonly Format[];

export const extensionOf = (format: Format): string => extensions[format];

/** Formats that a comparison has too. */
export const pageFormats = ['html', 'markdown', 'json'] as const satisfies readonly Format[];
export type PageFormat = (typeof pageFormats)[number];

/** Formats for a public place: only what was redacted in mode `standard` may go there. */
export const publicFormats: readonly Format[] = ['upstream-issue'];

const otherEndings: readonly (readonly [string, Format])[] = [
  ['htm', 'html'],
  ['markdown', 'markdown'],
  ['xml', 'junit'],
  ['sarif.json', 'sarif'],
];

/** The format that a file name asks for by its ending; the longest ending counts. */
export const formatOfName = (name: string): Format | undefined =>
  [...formats.map((format) => [extensions[format] as string, format] as const), ...otherEndings]
    .filter(([ending]) => name.endsWith(`.${ending}`))
    .sort(([a], [b]) => b.length - a.length)[0]?.[1];
