/** Typographic spaces back to plain ones: digits of a raft index must stay one word when pasted. */
const plainSpaces = (text: string): string => text.replace(/\u202f/g, '').replace(/\u00a0/g, ' ');

const oneLine = (text: string): string => plainSpaces(text).replace(/\s+/g, ' ').trim();

/**
 * Text for a paragraph, a list item or a table cell of GitHub-flavoured Markdown, on one line: no markup, no HTML, no
 * cell border and no automatic link can come out of it.
 */
export const markdownText = (text: string): string =>
  oneLine(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_{}[\]|~$]/g, '\\$&')
    .replace(/^([#+=-])/, '\\$1')
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2')
    .replace(/(https?|ftp|mailto)(:)/gi, '$1&#58;')
    .replace(/\bwww\./gi, (match) => `${match.slice(0, 3)}&#46;`)
    .replace(/@(?=\w)/g, '&#64;');

/** A code span on one line; its fence is longer than any run of backticks inside, and a bar does not end a table cell. */
export const markdownCode = (text: string): string => {
  const plain = oneLine(text);
  if (plain === '') return '';
  // A backslash before a bar has two readings in a table; the element has one.
  if (plain.includes('\\|')) return `<code>${markdownText(plain)}</code>`;
  const line = plain.replace(/\|/g, '\\|');
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
};
