/** Tag names of a page in order, closing ones with a slash: what a browser would build from it. */
export const tagsOf = (html: string): string[] =>
  [...html.matchAll(/<(\/?[a-zA-Z!][\w-]*)[^>]*>/g)].map((match) => match[1] ?? '');

/** Attribute names of all tags. */
export const attributesOf = (html: string): Set<string> =>
  new Set(
    [...html.matchAll(/<[a-zA-Z][^>]*>/g)].flatMap(([tag]) =>
      [...tag.matchAll(/\s([\w:-]+)=(?:"[^"]*")/g)].map((match) => match[1] ?? ''),
    ),
  );

/** Page without its style sheet. */
export const bodyOf = (html: string): string => html.slice(html.indexOf('</style>'));

const VOID = new Set(['meta', 'br', '!doctype']);

/** First tag that does not close what was opened last; null when all are in balance. */
export const firstImbalance = (html: string): string | null => {
  const open: string[] = [];
  for (const match of html.matchAll(/<(\/?)([a-zA-Z!][\w-]*)[^>]*?(\/?)>/g)) {
    const name = match[2] ?? '';
    if (VOID.has(name.toLowerCase()) || match[3] === '/') continue;
    if (match[1] === '') open.push(name);
    else if (open.pop() !== name) return name;
  }
  return open.pop() ?? null;
};

/** Cells of a row of a Markdown table as GitHub counts them: a bar ends a cell unless a backslash stands before it. */
export const cellsOf = (row: string): number => row.replace(/\\\\/g, '').replace(/\\\|/g, '').split('|').length - 2;
