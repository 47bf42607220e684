/** A table as etcdctl draws it with `-w table`: titles centred, texts to the left, numbers to the right. */
export const asciiTable = (titles: readonly string[], rows: readonly (readonly string[])[]): string => {
  const cell = (text: string | undefined): string => (text ?? '').replace(/\s+/g, ' ').trim();
  const widths = titles.map((title, at) => Math.max(title.length, ...rows.map((row) => cell(row[at]).length)));
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`;
  const centred = (text: string, width: number): string => {
    const left = Math.floor((width - text.length) / 2);
    return `${' '.repeat(left)}${text}`.padEnd(width);
  };
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const head = line(titles.map((title, at) => centred(title, widths[at] ?? 0)));
  const body = rows.map((row) =>
    line(
      widths.map((width, at) => {
        const text = cell(row[at]);
        return /^-?\d+$/.test(text) ? text.padStart(width) : text.padEnd(width);
      }),
    ),
  );
  return [rule, head, rule, ...body, rule].join('\n');
};
