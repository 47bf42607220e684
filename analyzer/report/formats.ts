/** The forms a report can be written in. `render.ts` writes them; this list loads nothing. */

/** Extension of the file by format; a file name with it asks for the format. */
const extensions = { html: 'html', markdown: 'md', json: 'json' } as const;

export type Format = keyof typeof extensions;
export const formats = Object.keys(extensions) as readonly Format[];

export const extensionOf = (format: Format): string => extensions[format];

const otherEndings: Readonly<Record<string, Format>> = { htm: 'html', markdown: 'markdown' };

/** The format that a file name asks for by its ending. */
export const formatOfName = (name: string): Format | undefined => {
  const ending = /\.([a-z]+)$/.exec(name)?.[1] ?? '';
  return formats.find((format) => extensions[format] === ending) ?? otherEndings[ending];
};
