import type { Report } from '../../schemas/index.js';
import { markdownCode, markdownText } from './markdown-escape.js';
import { histogramRows } from './svg/histogram.js';
import { compileTemplate } from './templates.js';
import { trim } from './trim.js';
import { prepare } from './view.js';

/** An issue on GitHub takes 65536 characters; this leaves room for what its author adds. */
export const MARKDOWN_MAX_BYTES = 60_000;

/** Rows per list and characters per text, tried in turn until the page fits. */
const LIMITS: readonly (readonly [number, number])[] = [
  [250, 1500],
  [100, 500],
  [50, 300],
  [25, 200],
  [12, 140],
  [6, 90],
  [3, 60],
];

let compiled: ((view: object) => string) | undefined;

const tidy = (text: string): string => `${text.replace(/\n{3,}/g, '\n\n').trim()}\n`;

const shortened = (rows: number, chars: number): string =>
  `\nShortened: lists end after ${rows} rows, texts after ${chars} characters. The whole result stands in report.json.\n`;

/** The report as GitHub-flavoured Markdown in the order of the HTML page, under `MARKDOWN_MAX_BYTES`. */
export const renderMarkdown = (original: Report): string => {
  const { report, names, limits, view } = prepare(original);
  compiled ??= compileTemplate('report.md.hbs', '.md.hbs', { md: markdownText, code: markdownCode });
  const rows = (what: string, charts: Report['charts']['walFsync'], limitMs: number | null) =>
    histogramRows(charts, limitMs, names).map((row) => ({ what, ...row }));
  const whole = {
    ...view,
    latency: [
      ...rows('WAL fsync', report.charts.walFsync, limits.walFsyncMs),
      ...rows('Backend commit', report.charts.backendCommit, limits.backendCommitMs),
    ],
  };
  let text = '';
  for (const [maxRows, maxChars] of LIMITS) {
    const { value, cut } = trim(whole, maxRows, maxChars);
    text = tidy(compiled(value)) + (cut ? shortened(maxRows, maxChars) : '');
    if (Buffer.byteLength(text) <= MARKDOWN_MAX_BYTES) return text;
  }
  return cutAtLine(text);
};

/** Last resort: whole lines as long as they fit. */
const cutAtLine = (text: string): string => {
  const kept: string[] = [];
  let size = 120;
  for (const line of text.split('\n')) {
    size += Buffer.byteLength(line) + 1;
    if (size > MARKDOWN_MAX_BYTES) break;
    kept.push(line);
  }
  return `${kept.join('\n')}\n\nCut here for length. The whole result stands in report.json.\n`;
};
